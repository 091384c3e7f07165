<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/** A registrar could not be used; getKind() says why. */
class RegistrarException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'rejected';
}
