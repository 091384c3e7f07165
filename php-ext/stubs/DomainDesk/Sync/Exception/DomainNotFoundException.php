<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/** The application's database has no such domain, or another partner's. */
class DomainNotFoundException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'not_found';
}
