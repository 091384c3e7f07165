<?php

declare(strict_types=1);

namespace App\Console\Commands;

use App\Models\Registrar;
use App\Models\Tld;
use App\Services\RegistrarSyncService;
use Illuminate\Console\Command;

final class SyncPrices extends Command
{
    protected $signature = 'tld:sync-prices {registrar?} {--force}';

    protected $description = 'Sync the prices of TLDs';

    public function handle(RegistrarSyncService $service): int
    {
        $slug = $this->argument('registrar');
        foreach (Registrar::query()->when($slug, fn ($query) => $query->where('slug', $slug))->get() as $registrar) {
            $report = $service->syncTldPrices($registrar, fn (Tld $tld) => $this->line($tld->extension), (bool) $this->option('force'));
            $this->info("{$registrar->name}: {$report['stats']['changes']} prices changed");
        }

        return self::SUCCESS;
    }
}
