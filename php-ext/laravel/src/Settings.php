<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Database\Connection;
use Illuminate\Database\DatabaseManager;
use Illuminate\Support\Arr;

/** What the application's configuration says to the engine. */
final class Settings
{
    public function __construct(private readonly Repository $config, private readonly DatabaseManager $databases)
    {
    }

    /** The application's connection to the tables that are synced. Asking for it opens nothing. */
    public function connection(): Connection
    {
        return $this->databases->connection($this->config->get('registrar-sync.connection'));
    }

    /**
     * The array that the extension's constructor takes.
     *
     * @return array<string, mixed>
     */
    public function toArray(): array
    {
        return [
            'database' => $this->database(),
            'domain' => $this->config->get('domain'),
            'registrar' => $this->config->get('registrar'),
            'app_key' => $this->config->get('app.key'),
            'previous_keys' => $this->config->get('app.previous_keys'),
            'timezone' => $this->config->get('app.timezone'),
            'redis' => $this->config->get('registrar-sync.redis'),
        ];
    }

    /**
     * Whether a connection of the engine's own sees what the application's does: not while a transaction is open, and never
     * where the database is in memory.
     */
    public function isShared(): bool
    {
        $connection = $this->connection();
        $database = (string) $connection->getConfig('database');
        $isInMemory = $connection->getDriverName() === 'sqlite'
            && ($database === ':memory:' || str_contains($database, ':memory:') || str_contains($database, 'mode=memory'));

        return !$isInMemory && $connection->transactionLevel() === 0;
    }

    /** From how many domains on a batch goes to the queue, where the caller asks for queueing. */
    public function queueThreshold(): int
    {
        return (int) $this->config->get('domain.auto_queue_threshold', 50);
    }

    /** How many domains a batch takes, and so a job of many. */
    public function batchSize(): int
    {
        return max(1, (int) $this->config->get('domain.sync_batch_size', 100));
    }

    /** How many hours a sync is good for. */
    public function intervalHours(): int
    {
        return (int) $this->config->get('domain.sync_interval_hours', 6);
    }

    /**
     * The connection as Laravel has resolved it: a URL taken apart, the writing side of a pair of servers.
     *
     * @return array<string, mixed>
     */
    private function database(): array
    {
        $database = $this->connection()->getConfig();
        if (is_array($database['host'] ?? null)) {
            // Always the same one: other settings would mean another engine.
            $database['host'] = Arr::first($database['host']);
        }

        return $database;
    }
}
