<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Support\ServiceProvider;

/** Makes the engine known to the application. Nothing is connected before the first call. */
final class RegistrarSyncServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__ . '/../config/registrar-sync.php';

    private const MIGRATION = 'add_sync_columns_to_domains_table.php';

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
        $this->publishes([__DIR__ . '/../database/migrations/' . self::MIGRATION => $this->migration()], 'registrar-sync-migrations');
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

    /** Where the migration goes: after those that are there, or over one that was published before. */
    private function migration(): string
    {
        $folder = $this->app->databasePath('migrations');
        $published = glob("$folder/*_" . self::MIGRATION) ?: [];

        return $published[0] ?? "$folder/" . date('Y_m_d_His') . '_' . self::MIGRATION;
    }
}
