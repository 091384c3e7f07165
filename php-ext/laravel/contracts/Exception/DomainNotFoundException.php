<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

/** The application's database has no such domain, or another partner's. */
class DomainNotFoundException extends SyncException
{
    /** @var string as getKind() gives it */
    public $kind = 'not_found';
}
