<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Jobs;

use DomainDesk\Sync\Laravel\Settings;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Bus\Queueable;
use Illuminate\Container\Container;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;

/**
 * Syncs a chunk of domains on the queue. It ends before its time is over; what it did not come to goes back to the queue.
 *
 * A domain that fails is noted on the domain and tried again by later syncs; it does not fail the job.
 */
class SyncDomainsJob implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;

    /** @var int */
    public $tries = 3;

    /** @var int seconds between tries */
    public $backoff = 300;

    /** @var int seconds that a try may take */
    public $timeout = 120;

    /**
     * @param list<int> $domainIds
     * @param array<string, mixed> $options as syncDomains() takes them
     */
    public function __construct(public array $domainIds, public bool $force = false, public array $options = [])
    {
        $config = Container::getInstance()->make('config');
        $this->onConnection($config->get('registrar-sync.queue.connection'));
        $this->onQueue($config->get('registrar-sync.queue.name', 'domain-sync'));
    }

    /**
     * Hands domains to the queue, in chunks of `domain.sync_batch_size`.
     *
     * @param list<int> $domainIds
     * @param array<string, mixed> $options
     * @return int how many jobs it became
     */
    public static function dispatchChunks(array $domainIds, bool $force = false, array $options = []): int
    {
        $chunks = array_chunk($domainIds, Container::getInstance()->make(Settings::class)->batchSize());
        foreach ($chunks as $chunk) {
            static::dispatch($chunk, $force, $options);
        }

        return count($chunks);
    }

    public function handle(RegistrarSyncInterface $sync): void
    {
        $done = [];
        $note = static function (array $domain) use (&$done): void {
            $done[$domain['id']] = true;
        };
        // Some seconds less than the job has, for what is being written then.
        $limits = ['source' => 'queue', 'max_seconds' => max(1, $this->timeout - 20), 'results' => 'none'];
        $report = $sync->syncDomains($this->domainIds, $this->force, $note, $this->options + $limits);
        $left = array_values(array_filter($this->domainIds, static fn (int $id): bool => !isset($done[$id])));
        if ($report['timed_out'] && $left !== []) {
            static::dispatch($left, $this->force, $this->options);
        }
    }

    /** @return list<string> for Horizon */
    public function tags(): array
    {
        return ['domain-sync'];
    }
}
