<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/** cancel() stopped the call. */
class CancelledException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'cancelled';
}
