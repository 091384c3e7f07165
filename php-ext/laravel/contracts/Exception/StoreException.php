<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/** The database failed, or is not DomainDesk's. */
class StoreException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'store';
}
