<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/** The configuration or an argument is wrong. The message names the key and what would be right. */
class ConfigException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'config';
}
