<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Console\Command;

/** Syncs the prices of TLDs: of one registrar, or of all active ones. */
final class SyncPricesCommand extends Command
{
    use Prints;

    /** @var string */
    protected $signature = 'tld:sync-prices
        {registrar? : The id or slug of one registrar; without it, all active ones}
        {--force : Also where they were synced within the interval}';

    /** @var string */
    protected $description = 'Bring the prices of TLDs in step with the registrars';

    public function handle(RegistrarSyncInterface $sync, Models $models): int
    {
        return $this->guarded(function () use ($sync, $models): int {
            $asked = $this->argument('registrar');
            $registrars = $asked !== null
                ? [ctype_digit($asked) ? (int) $asked : $asked]
                : $models->registrar()->newQuery()->where('is_active', true)->orderBy('id')->pluck('slug')->all();
            $failed = 0;
            foreach ($registrars as $registrar) {
                $failed += $this->one($sync, $registrar) ? 0 : 1;
            }
            if ($registrars === []) {
                $this->info('There is no active registrar.');
            }

            return $failed > 0 ? 1 : 0;
        });
    }

    private function one(RegistrarSyncInterface $sync, int|string $registrar): bool
    {
        $bar = null;
        $report = $sync->syncTldPrices($registrar, function (array $tld) use (&$bar): void {
            $bar ??= $this->bar($tld['total']);
            $bar->setMessage($tld['tld']);
            $bar->setProgress($tld['done']);
        }, (bool) $this->option('force'), $this->callOptions());
        if ($bar !== null) {
            $bar->setMessage('');
            $bar->finish();
            $this->newLine(2);
        }
        $this->prices('Changed', $report['changes']);
        $this->prices('Alert', $report['alerts']);
        $this->prices('Held', $report['held']);
        foreach ($report['errors'] as $error) {
            $this->error("{$error['tld']}: {$error['error']}");
        }
        if (isset($report['error'])) {
            $this->error("{$report['registrar']}: {$report['error']}");
        } elseif ($report['skipped'] ?? false) {
            $this->info("{$report['registrar']}: {$report['reason']}");
        } else {
            $stats = $report['stats'];
            $this->info(sprintf(
                '%s: %d TLDs, %d prices changed, %d alerts, %d held, %d failed, %d API calls',
                $report['registrar'], $stats['synced'], $stats['changes'], $stats['alerts'], $stats['held'], $stats['failed'], $stats['api_calls']
            ));
        }

        return $report['success'];
    }

    /** @param list<array<string, mixed>> $prices */
    private function prices(string $title, array $prices): void
    {
        if ($prices === []) {
            return;
        }
        $row = fn (array $price): array => [
            $price['tld'], $price['action'], $price['years'], $price['old'] ?? '–', $price['new'],
            $price['percent'] === null ? '–' : "{$price['percent']} %", $price['reason'] ?? '',
        ];
        $this->table([$title, 'Action', 'Years', 'Old', 'New', 'Change', ''], array_map($row, array_slice($prices, 0, self::$mostRows)));
        $this->more(count($prices));
    }
}
