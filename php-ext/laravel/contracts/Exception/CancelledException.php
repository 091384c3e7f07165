<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/** cancel() stopped the call. */
class CancelledException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'cancelled';
}
