<?php

declare(strict_types=1);

namespace App\Jobs;

use App\Models\Domain;
use App\Services\RegistrarSyncService;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use RuntimeException;

final class SyncDomain implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;
    use SerializesModels;

    public int $tries = 3;

    public int $timeout = 120;

    public function __construct(public Domain $domain)
    {
        $this->onQueue('domain-sync');
    }

    public function handle(RegistrarSyncService $service): void
    {
        $result = $service->syncDomain($this->domain, true);
        if (!$result['success']) {
            throw new RuntimeException($result['error']);
        }
    }
}
