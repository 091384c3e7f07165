<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\Laravel\Jobs\SyncDomainsJob;
use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\Laravel\Settings;
use DomainDesk\Sync\RegistrarSync;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Console\Command;

/** Syncs one domain, or those that need it. */
final class SyncCommand extends Command
{
    use Prints;

    /** @var string */
    protected $signature = 'domain:sync
        {domain? : The id or name of one domain; without it, those that need a sync}
        {--force : Also what was synced within the interval}
        {--limit= : How many domains at most; domain.sync_batch_size without it}
        {--partner= : Only domains of the partner with this id}
        {--dry-run : Only tell what would change; the exit code is 2 when there are changes}
        {--queue : Hand them to the queue, where they are at least domain.auto_queue_threshold}';

    /** @var string */
    protected $description = 'Bring domains in step with their registrars: status, expiry, nameservers, contacts';

    public function handle(RegistrarSyncInterface $sync, Models $models, Settings $settings): int
    {
        return $this->guarded(function () use ($sync, $models, $settings): int {
            $options = $this->callOptions();
            $force = (bool) $this->option('force');
            $domain = $this->argument('domain');
            $ids = $domain === null ? $this->due($sync, $models, $settings, $force, $options) : [$this->reference($domain)];
            if ($ids === []) {
                $this->info('No domain needs a sync.');

                return 0;
            }
            if ($this->option('queue') && count($ids) >= $settings->queueThreshold() && !$this->option('dry-run')) {
                $jobs = SyncDomainsJob::dispatchChunks($ids, $force, $options);
                $this->info(sprintf('%d domains went to the queue in %d jobs.', count($ids), $jobs));

                return 0;
            }

            return $this->batch($sync, $ids, $force, $options + ['dry_run' => (bool) $this->option('dry-run')]);
        });
    }

    /**
     * @param list<int|string> $ids
     * @param array<string, mixed> $options
     */
    private function batch(RegistrarSyncInterface $sync, array $ids, bool $force, array $options): int
    {
        $bar = $this->bar(count($ids));
        $bar->start();
        $report = $sync->syncDomains($ids, $force, function (array $domain) use ($bar): void {
            $bar->setMessage($domain['name']);
            $bar->advance();
        }, $options);
        $bar->setMessage('');
        $bar->finish();
        $this->newLine(2);
        if (isset($report['kept_plan'])) {
            $this->output->write(RegistrarSync::describe($report));

            return $report['kept_plan']['exit_code'];
        }
        $this->report($report);

        return $report['stats']['failed'] > 0 ? 1 : 0;
    }

    /**
     * @param array<string, mixed> $options
     * @return list<int>
     */
    private function due(RegistrarSyncInterface $sync, Models $models, Settings $settings, bool $force, array $options): array
    {
        $limit = $this->number('limit') ?? $settings->batchSize();
        if (!$force) {
            return $sync->getDomainsNeedingSync($limit, $options);
        }
        // Whatever their age: the longest unsynced first.
        $query = $models->domain()->newQuery()->whereNotNull('registrar_id')->orderBy('last_synced_at')->orderBy('id');
        if (isset($options['partner_id'])) {
            $query->where('partner_id', $options['partner_id']);
        }

        return $query->limit($limit)->pluck('id')->map(static fn ($id): int => (int) $id)->all();
    }

    private function reference(string $domain): int|string
    {
        return ctype_digit($domain) ? (int) $domain : $domain;
    }
}
