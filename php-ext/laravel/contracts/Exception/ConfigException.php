<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/** The configuration or an argument is wrong. The message names the key and what would be right. */
class ConfigException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'config';
}
