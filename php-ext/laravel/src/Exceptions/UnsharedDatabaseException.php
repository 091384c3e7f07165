<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Exceptions;

use DomainDesk\Sync\Exception\StoreException;
use Illuminate\Database\Connection;

/** The engine has a database connection of its own, which would not see what the application sees. Nothing was done. */
final class UnsharedDatabaseException extends StoreException
{
    /** @throws self where the engine's own connection cannot see the rows of the application's */
    public static function throwUnlessShared(Connection $connection): void
    {
        $database = (string) $connection->getConfig('database');
        if ($connection->getDriverName() === 'sqlite' && ($database === ':memory:' || str_contains($database, 'mode=memory'))) {
            throw new self(
                'an in-memory SQLite database is seen by its own connection alone: sync a database in a file, or use'
                . ' RegistrarSync::fake() in tests'
            );
        }
        if ($connection->transactionLevel() > 0) {
            throw new self(
                'inside an open transaction a sync would miss what is not committed, and wait for its locks: call it after the'
                . ' commit, or use RegistrarSync::fake() in tests that run in a transaction'
            );
        }
    }
}
