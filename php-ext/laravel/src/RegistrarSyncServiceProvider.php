<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Support\ServiceProvider;

/** Makes the engine known to the application. Nothing is connected before the first call. */
final class RegistrarSyncServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__ . '/../config/registrar-sync.php';

    private const MIGRATIONS = __DIR__ . '/../database/migrations';

    public function register(): void
    {
        $this->mergeConfigFrom(self::CONFIG, 'registrar-sync');
        $this->app->singleton(Settings::class);
        $this->app->singleton(Models::class);
        $this->app->singleton(RegistrarSyncInterface::class, Engine::class);
    }

    public function boot(): void
    {
        if (!$this->app->runningInConsole()) {
            return;
        }
        $this->publishes([self::CONFIG => $this->app->configPath('registrar-sync.php')], 'registrar-sync-config');
        $this->publishes([self::MIGRATIONS => $this->app->databasePath('migrations')], 'registrar-sync-migrations');
        if ($this->app['config']->get('registrar-sync.commands', true)) {
            $this->commands([
                Console\SyncCommand::class,
                Console\SyncStatusCommand::class,
                Console\SyncPricesCommand::class,
                Console\ReviewCommand::class,
                Console\CheckCommand::class,
            ]);
        }
    }
}
