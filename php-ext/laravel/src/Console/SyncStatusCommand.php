<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Console\Command;

/** Syncs the status alone: of the domains that expire soon, or of all. */
final class SyncStatusCommand extends Command
{
    use Prints;

    /** @var string */
    protected $signature = 'domain:sync-status
        {--days=30 : Of the active domains that expire within so many days}
        {--all : Of all domains, the longest unsynced first}
        {--limit= : How many domains at most}';

    /** @var string */
    protected $description = 'Bring the status of domains in step with their registrars, and nothing else';

    public function handle(RegistrarSyncInterface $sync, Models $models): int
    {
        return $this->guarded(function () use ($sync, $models): int {
            $options = $this->callOptions();
            $limit = $this->number('limit');
            $ids = $this->option('all')
                ? $this->all($models, $limit)
                : array_slice($sync->getExpiringDomains($this->number('days') ?? 30, $options), 0, $limit);
            if ($ids === []) {
                $this->info('No domain is there whose status could be synced.');

                return 0;
            }
            $bar = $this->bar(count($ids));
            $bar->start();
            $report = $sync->syncDomainStatuses($ids, static function (array $domain) use ($bar): void {
                $bar->setMessage($domain['name']);
                $bar->advance();
            }, $options);
            $bar->setMessage('');
            $bar->finish();
            $this->newLine(2);
            $this->report($report);

            return $report['stats']['failed'] > 0 ? 1 : 0;
        });
    }

    /** @return list<int> */
    private function all(Models $models, ?int $limit): array
    {
        $query = $models->domain()->newQuery()->whereNotNull('registrar_id')->orderBy('last_synced_at')->orderBy('id');
        if ($limit !== null) {
            $query->limit($limit);
        }

        return $query->pluck('id')->map(static fn ($id): int => (int) $id)->all();
    }
}
