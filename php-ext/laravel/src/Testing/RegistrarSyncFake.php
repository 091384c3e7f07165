<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Testing;

use DomainDesk\Sync\Laravel\Announcer;
use DomainDesk\Sync\Laravel\Models;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Support\Carbon;
use Illuminate\Support\Str;
use PHPUnit\Framework\Assert as PHPUnit;
use Throwable;

/** What RegistrarSync::fake() puts in the engine's place: it remembers what was asked and answers as it was told to. */
final class RegistrarSyncFake implements RegistrarSyncInterface
{
    /** @var list<array{method: string, domain: string|null, id: int|null, force: bool, options: array<string, mixed>}> */
    private array $synced = [];

    /** @var list<int|string> */
    private array $priced = [];

    /** @var list<int|string> */
    private array $cleared = [];

    private bool $isCancelled = false;

    /** @param array<string, array<string, mixed>|Throwable|callable> $answers by domain name, `*` standing for any text */
    public function __construct(
        private readonly Announcer $announcer,
        private readonly Models $models,
        private array $answers = [],
    ) {
    }

    /** Asserts that a domain was synced, its status alone or whole. @param int|string|callable(string|null, int|null): bool $domain */
    public function assertSynced(int|string|callable $domain, ?int $times = null): void
    {
        $found = $this->matching($domain);
        $said = is_callable($domain) && !is_string($domain) ? 'the expected domain' : (string) (is_scalar($domain) ? $domain : '');
        PHPUnit::assertNotSame(0, $found, "$said was not synced.");
        if ($times !== null) {
            PHPUnit::assertSame($times, $found, "$said was synced $found times instead of $times.");
        }
    }

    /** Asserts that a domain was not synced. */
    public function assertNotSynced(int|string|callable $domain): void
    {
        PHPUnit::assertSame(0, $this->matching($domain), 'A domain was synced that should not have been.');
    }

    /** Asserts how many domains were synced, each counted as often as it was. */
    public function assertSyncedCount(int $count): void
    {
        PHPUnit::assertCount($count, $this->synced);
    }

    /** Asserts that no domain and no price was synced. */
    public function assertNothingSynced(): void
    {
        $names = implode(', ', array_map(static fn (array $one): string => $one['domain'] ?? "#{$one['id']}", $this->synced));
        PHPUnit::assertSame([], $this->synced, "Domains were synced: $names.");
        PHPUnit::assertSame([], $this->priced, 'Prices were synced: ' . implode(', ', $this->priced) . '.');
    }

    /** Asserts that the prices of a registrar were synced. */
    public function assertPricesSynced(int|string $registrar): void
    {
        PHPUnit::assertContains($registrar, $this->priced, "The prices of $registrar were not synced.");
    }

    /** Asserts that somebody took back that a person should look at a domain. */
    public function assertReviewCleared(int|string $domain): void
    {
        PHPUnit::assertContains($domain, $this->cleared, "The review of $domain was not cleared.");
    }

    /** {@inheritDoc} */
    public function syncDomain(int|string $domain, bool $force = false, array $options = []): array
    {
        return $this->one('syncDomain', $domain, $force, $options);
    }

    /** {@inheritDoc} */
    public function syncDomains(?array $domains = null, bool $force = false, ?callable $progress = null, array $options = []): array
    {
        return $this->batch('syncDomain', $domains, $force, $progress, $options);
    }

    /** {@inheritDoc} */
    public function syncDomainStatus(int|string $domain, array $options = []): array
    {
        return $this->one('syncDomainStatus', $domain, true, $options);
    }

    /** {@inheritDoc} */
    public function syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = []): array
    {
        return $this->batch('syncDomainStatus', $domains, true, $progress, $options);
    }

    /** {@inheritDoc} */
    public function apply(array $plan, ?callable $progress = null, array $options = []): array
    {
        $kept = ($plan['kept_plan'] ?? $plan)['domains'] ?? [];

        return $this->batch('apply', array_column($kept, 'id'), true, $progress, $options);
    }

    /** {@inheritDoc} */
    public function explain(int|string $domain): array
    {
        [$id, $name] = $this->known($domain);

        return ['domain' => $name, 'id' => $id, 'due' => true, 'reason' => 'a fake has no schedule', 'last_outcome' => 'never', 'skipped' => null];
    }

    /** {@inheritDoc} */
    public function syncTldPrices(int|string $registrar, ?callable $progress = null, bool $force = false, array $options = []): array
    {
        $this->priced[] = $registrar;
        $numbers = array_fill_keys(['total', 'synced', 'failed', 'skipped', 'changes', 'alerts', 'held', 'api_calls', 'duration_ms'], 0);

        return [
            'registrar' => (string) $registrar, 'success' => true, 'stats' => $numbers, 'changes' => [], 'alerts' => [],
            'held' => [], 'errors' => [], 'warnings' => [], 'cancelled' => false, 'dry_run' => $options['dry_run'] ?? false,
        ];
    }

    /** {@inheritDoc} */
    public function getDomainsNeedingSync(int $limit = 100, array $options = []): array
    {
        return $this->ids($limit);
    }

    /** {@inheritDoc} */
    public function getDomainsNeedingReview(array $options = []): array
    {
        return [];
    }

    /** {@inheritDoc} */
    public function getExpiringDomains(int $days = 30, array $options = []): array
    {
        $query = $this->models->domain()->newQuery()->where('status', 'active')->whereNotNull('registrar_id');
        $query->whereBetween('expires_at', [Carbon::now(), Carbon::now()->addDays($days)])->orderBy('expires_at');

        return $query->pluck('id')->map(static fn ($id): int => (int) $id)->all();
    }

    /** {@inheritDoc} */
    public function getStats(): array
    {
        $numbers = ['total', 'with_registrar', 'never_synced', 'recently_synced', 'needs_sync', 'expiring_soon', 'failed', 'needs_review'];

        return array_fill_keys($numbers, 0) + ['by_status' => [], 'last_synced_at' => null, 'budget' => []];
    }

    /** {@inheritDoc} */
    public function clearReview(int|string $domain): bool
    {
        $this->cleared[] = $domain;

        return true;
    }

    /** {@inheritDoc} */
    public function cancel(): void
    {
        $this->isCancelled = true;
    }

    /** {@inheritDoc} */
    public function setLogger(?callable $logger): void
    {
    }

    /** {@inheritDoc} */
    public function setRegistrar(string $slug, object $registrar): void
    {
    }

    /** @param array<string, mixed> $options @return array<string, mixed> */
    private function one(string $method, int|string $domain, bool $force, array $options): array
    {
        $result = $this->answer($method, $domain, $force, $options);
        $this->announcer->domain($result);

        return $result;
    }

    /**
     * @param list<int|string>|null $domains
     * @param array<string, mixed> $options
     * @return array<string, mixed>
     */
    private function batch(string $method, ?array $domains, bool $force, ?callable $progress, array $options): array
    {
        $domains ??= $this->ids($options['limit'] ?? 100);
        $listening = $this->announcer->listening($progress);
        $this->isCancelled = false;
        $results = [];
        foreach ($domains as $domain) {
            $result = $this->answer($method, $domain, $force, $options);
            $results[$result['domain']] = $result;
            $about = ['id' => $result['id'] ?? null, 'name' => $result['domain'], 'partner_id' => null, 'registrar' => null];
            if ($listening($about, $result) === false || $this->isCancelled) {
                $this->isCancelled = true;
                break;
            }
        }
        $count = static fn (callable $is): int => count(array_filter($results, $is));
        $failed = $count(static fn (array $result): bool => !$result['success']);
        $skipped = $count(static fn (array $result): bool => $result['skipped'] ?? false);
        $held = $count(static fn (array $result): bool => $result['held'] ?? false);

        return [
            'stats' => [
                'total' => count($results), 'synced' => count($results) - $failed - $skipped - $held, 'failed' => $failed,
                'skipped' => $skipped, 'changes' => $count(static fn (array $result): bool => ($result['changes'] ?? []) !== []),
                'held' => $held, 'api_calls' => 0, 'duration_ms' => 0,
            ],
            'results' => $results, 'cancelled' => $this->isCancelled, 'timed_out' => false,
            'left' => count($domains) - count($results), 'dry_run' => $options['dry_run'] ?? false, 'plan' => [],
        ];
    }

    /** @param array<string, mixed> $options @return array<string, mixed> */
    private function answer(string $method, int|string $domain, bool $force, array $options): array
    {
        [$id, $name] = $this->known($domain);
        $this->synced[] = ['method' => $method, 'domain' => $name, 'id' => $id, 'force' => $force, 'options' => $options];
        $answer = [];
        foreach ($this->answers as $pattern => $told) {
            if (Str::is((string) $pattern, $name)) {
                $answer = is_callable($told) ? $told($name) : $told;
                break;
            }
        }
        if ($answer instanceof Throwable) {
            throw $answer;
        }
        $plain = ['domain' => $name, 'id' => $id, 'success' => !isset($answer['error'])];
        $rest = isset($answer['error']) ? ['error_code' => 'rejected'] : ['changes' => []];

        return $answer + $plain + $rest + ['duration_ms' => 0, 'attempts' => 1, 'warnings' => []];
    }

    /** @return array{0: int|null, 1: string} */
    private function known(int|string $domain): array
    {
        try {
            $model = $this->models->find($domain);
        } catch (Throwable) {
            // A test without a database has names and ids of its own.
            $model = null;
        }
        if ($model !== null) {
            return [(int) $model->getKey(), (string) $model->getAttribute('name')];
        }

        return is_int($domain) ? [$domain, "domain-$domain.test"] : [null, $domain];
    }

    /** @return list<int> */
    private function ids(int $limit): array
    {
        $query = $this->models->domain()->newQuery()->whereNotNull('registrar_id')->orderBy('id')->limit($limit);

        return $query->pluck('id')->map(static fn ($id): int => (int) $id)->all();
    }

    private function matching(int|string|callable $domain): int
    {
        $is = static fn (array $one): bool => match (true) {
            is_int($domain) => $one['id'] === $domain,
            is_string($domain) => $one['domain'] === $domain,
            default => (bool) $domain($one['domain'], $one['id']),
        };

        return count(array_filter($this->synced, $is));
    }
}
