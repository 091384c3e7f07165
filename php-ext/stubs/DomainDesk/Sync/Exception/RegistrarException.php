<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/** A registrar could not be used; getKind() says why. */
class RegistrarException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'rejected';
}
