<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/**
 * This process was forked from one that had used the extension, whose threads and connections stayed behind: make the
 * first object in the child, or start a process of its own.
 */
class ForkedAfterUseException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'internal';
}
