<?php

declare(strict_types=1);

namespace App\Console\Commands;

use App\Models\Domain;
use App\Services\RegistrarSyncService;
use Illuminate\Console\Command;

final class SyncDomainStatuses extends Command
{
    protected $signature = 'domain:sync-status {--days=30} {--all} {--limit=}';

    protected $description = 'Sync the status of domains';

    public function handle(RegistrarSyncService $service): int
    {
        $domains = $this->option('all') ? Domain::query()->get() : $service->getExpiringDomains((int) $this->option('days'));
        foreach ($domains->take((int) ($this->option('limit') ?? PHP_INT_MAX)) as $domain) {
            $result = $service->syncDomainStatus($domain);
            $this->line($domain->name . ': ' . ($result['success'] ? $domain->status->value : $result['error']));
        }

        return self::SUCCESS;
    }
}
