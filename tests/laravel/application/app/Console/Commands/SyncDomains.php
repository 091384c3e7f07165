<?php

declare(strict_types=1);

namespace App\Console\Commands;

use App\Models\Domain;
use App\Services\RegistrarSyncService;
use Illuminate\Console\Command;

final class SyncDomains extends Command
{
    protected $signature = 'domain:sync {domain?} {--force} {--limit=100} {--partner=}';

    protected $description = 'Sync domains with their registrars';

    public function handle(RegistrarSyncService $service): int
    {
        $domains = Domain::query()
            ->when($this->argument('domain'), fn ($query, $name) => $query->where('name', $name))
            ->when($this->option('partner'), fn ($query, $partner) => $query->where('partner_id', $partner))
            ->limit((int) $this->option('limit'))
            ->get();
        $bar = $this->output->createProgressBar($domains->count());
        $report = $service->syncDomains($domains, (bool) $this->option('force'), function (Domain $domain, array $result) use ($bar): void {
            $bar->advance();
            foreach ($result['changes'] ?? [] as $field => $change) {
                $this->line("  {$domain->name}: {$field}: {$change['old']} -> {$change['new']}");
            }
        });
        $bar->finish();
        $this->table(['Total', 'Synced', 'Failed', 'Skipped'], [[
            $report['stats']['total'], $report['stats']['synced'], $report['stats']['failed'], $report['stats']['skipped'],
        ]]);

        return $report['stats']['failed'] > 0 ? self::FAILURE : self::SUCCESS;
    }
}
