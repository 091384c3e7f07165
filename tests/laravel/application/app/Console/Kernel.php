<?php

declare(strict_types=1);

namespace App\Console;

use Illuminate\Console\Scheduling\Schedule;
use Illuminate\Foundation\Console\Kernel as ConsoleKernel;

final class Kernel extends ConsoleKernel
{
    protected function schedule(Schedule $schedule): void
    {
        $schedule->command('domain:sync-status --days=30 --limit=200')->dailyAt('02:00')->withoutOverlapping()->runInBackground();
        $schedule->command('domain:sync --limit=500')->weeklyOn(0, '03:00')->withoutOverlapping()->runInBackground();
        $schedule->command('tld:sync-prices')->dailyAt('04:00')->withoutOverlapping()->runInBackground();
    }

    protected function commands(): void
    {
        // The application's own commands take the place of the package's.
        if (env('APP_OWN_COMMANDS')) {
            $this->load(__DIR__ . '/Commands');
        }
    }
}
