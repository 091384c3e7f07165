<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Exceptions;

use DomainDesk\Sync\Exception\SyncException;

/** PHP runs without the extension `domaindesk_sync`. Tests do without it: RegistrarSync::fake(). */
final class ExtensionMissingException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'config';

    public function __construct()
    {
        parent::__construct(
            'the PHP extension domaindesk_sync is not loaded (' . PHP_SAPI . ', PHP ' . PHP_VERSION . '): install it and add'
            . ' `extension=domaindesk_sync` to php.ini; in tests, RegistrarSync::fake() does without it'
        );
    }
}
