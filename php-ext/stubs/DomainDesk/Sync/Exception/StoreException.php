<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/** The database failed, or is not DomainDesk's. */
class StoreException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'store';
}
