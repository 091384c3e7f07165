<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\Laravel\Settings;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Console\Command;
use Illuminate\Database\Eloquent\Model;
use Throwable;

/** Whether everything that a sync takes is there. */
final class CheckCommand extends Command
{
    /** How far the database's clock may be from this machine's, in seconds. */
    private const DRIFT = 60;

    /** @var string */
    protected $signature = 'domain-sync:check';

    /** @var string */
    protected $description = 'Check what a sync takes: extension, database, credentials, registrars, clock';

    /** @var list<array{0: string, 1: string, 2: string}> */
    private array $rows = [];

    private bool $isWell = true;

    public function handle(RegistrarSyncInterface $sync, Models $models, Settings $settings): int
    {
        $version = phpversion('domaindesk_sync');
        $this->tell('extension', $version !== false, $version !== false ? $version : 'not loaded: add extension=domaindesk_sync to php.ini');
        $stats = $this->attempt('database', static fn (): array => $sync->getStats(), static fn (array $stats): string => "{$stats['total']} domains");
        if ($stats !== null) {
            $this->clock($settings);
            $this->registrars($sync, $models, $settings);
            foreach ($stats['budget'] as $budget) {
                if (!$budget['enough']) {
                    $this->rows[] = ["rate limit of {$budget['registrar']}", '<comment>warning</comment>', $budget['warning'] ?? 'does not suffice for the configured freshness'];
                }
            }
        }
        $this->table(['What', '', ''], $this->rows);

        return $this->isWell ? 0 : 1;
    }

    private function clock(Settings $settings): void
    {
        $connection = $settings->connection();
        $sql = match ($connection->getDriverName()) {
            'sqlite' => "SELECT CAST(strftime('%s', 'now') AS INTEGER) AS now",
            'pgsql' => 'SELECT CAST(extract(epoch FROM now()) AS bigint) AS now',
            default => 'SELECT UNIX_TIMESTAMP() AS now',
        };
        $drift = abs(time() - (int) $connection->selectOne($sql)->now);
        $this->tell('clock', $drift <= self::DRIFT, "$drift s from the database's");
    }

    private function registrars(RegistrarSyncInterface $sync, Models $models, Settings $settings): void
    {
        foreach ($models->registrar()->newQuery()->where('is_active', true)->orderBy('id')->get() as $registrar) {
            $slug = (string) $registrar->getAttribute('slug');
            $domain = $models->domain()->newQueryWithoutScopes()->whereNull('deleted_at')->where('registrar_id', $registrar->getKey())->first();
            if (!$domain instanceof Model) {
                $this->rows[] = ["registrar $slug", '<comment>not asked</comment>', 'it has no domain'];
                continue;
            }
            // Asks for one domain and writes nothing.
            $result = $this->attempt("registrar $slug", static fn (): array => $sync->syncDomainStatus((int) $domain->getKey(), ['dry_run' => true]), null);
            if ($result !== null) {
                // What a registrar says of the domain shows that it answers.
                $answers = $result['success'] || in_array($result['error_code'] ?? '', ['not_found', 'rejected'], true);
                $this->tell("registrar $slug", $answers, $answers ? "answers in {$result['duration_ms']} ms" : "{$result['error_code']}: {$result['error']}");
            }
        }
    }

    /**
     * @template T
     * @param callable(): T $work
     * @param (callable(T): string)|null $said null says nothing when it went well
     * @return T|null null when it failed
     */
    private function attempt(string $what, callable $work, ?callable $said): mixed
    {
        try {
            $done = $work();
        } catch (Throwable $problem) {
            $this->tell($what, false, $problem->getMessage());

            return null;
        }
        if ($said !== null) {
            $this->tell($what, true, $said($done));
        }

        return $done;
    }

    private function tell(string $what, bool $isWell, string $said): void
    {
        $this->isWell = $this->isWell && $isWell;
        $this->rows[] = [$what, $isWell ? '<info>ok</info>' : '<error>failed</error>', $said];
    }
}
