<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Jobs;

use DomainDesk\Sync\Exception\DomainNotFoundException;
use DomainDesk\Sync\Laravel\Events\DomainNeedsReview;
use DomainDesk\Sync\Laravel\Exceptions\SyncFailedException;
use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\Laravel\SyncMetadata;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Bus\Queueable;
use Illuminate\Container\Container;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Throwable;

/**
 * Syncs one domain on the queue: three tries, five minutes apart, two minutes each. After the last a person is asked to look.
 */
class SyncDomainJob implements ShouldQueue
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

    /** @var int `domains.id` */
    public int $domainId;

    /**
     * @param Model|int $domain the domain, or its id
     * @param array<string, mixed> $options as syncDomain() takes them
     */
    public function __construct(Model|int $domain, public bool $force = false, public array $options = [])
    {
        $this->domainId = $domain instanceof Model ? (int) $domain->getKey() : $domain;
        $config = Container::getInstance()->make('config');
        $this->onConnection($config->get('registrar-sync.queue.connection'));
        $this->onQueue($config->get('registrar-sync.queue.name', 'domain-sync'));
    }

    /** @throws SyncFailedException when the sync failed, so that the queue tries again */
    public function handle(RegistrarSyncInterface $sync): void
    {
        try {
            $result = $sync->syncDomain($this->domainId, $this->force, $this->options + ['source' => 'queue']);
        } catch (DomainNotFoundException) {
            // It was deleted while the job waited: there is nothing left to sync.
            return;
        }
        if (!$result['success']) {
            throw SyncFailedException::of($result);
        }
    }

    /** Called by the queue after the last try: asks a person to look. */
    public function failed(?Throwable $exception = null): void
    {
        $container = Container::getInstance();
        $domain = $container->make(Models::class)->find($this->domainId);
        if ($domain === null) {
            return;
        }
        $reason = $exception?->getMessage() ?? 'the queued sync failed';
        $metadata = SyncMetadata::of($domain);
        $isNews = !$metadata->asksForReview();
        $metadata->askingForReview($reason)->into($domain);
        $domain->saveQuietly();
        if ($isNews) {
            $event = new DomainNeedsReview($this->domainId, (string) $domain->getAttribute('name'), $reason);
            $container->make(Dispatcher::class)->dispatch($event);
        }
    }

    /** @return list<string> for Horizon */
    public function tags(): array
    {
        return ['domain-sync', "domain:{$this->domainId}"];
    }
}
