<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\Laravel\Jobs\SyncDomainsJob;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Container\Container;
use Illuminate\Database\Eloquent\Collection as ModelCollection;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Support\Collection;

/**
 * Models in, models out: what the application's own service of this name did, done by the engine.
 *
 *     class RegistrarSyncService extends \DomainDesk\Sync\Laravel\RegistrarSyncService {}
 *
 * What a registrar answers, failures included, is a result. What breaks the whole call is thrown, as a
 * DomainDesk\Sync\Exception\SyncException with getKind(). The models are as the database has them afterwards.
 */
class RegistrarSyncService
{
    /** The registrars' usual words, for mapRegistrarStatus(). The engine itself goes by each registrar's own table. */
    private const STATUSES = [
        'active' => 'active', 'ok' => 'active', 'registered' => 'active',
        'expired' => 'expired',
        'graceperiod' => 'grace_period', 'autorenewgrace' => 'grace_period', 'autorenewperiod' => 'grace_period',
        'redemption' => 'redemption', 'redemptionperiod' => 'redemption', 'redemptiongraceperiod' => 'redemption',
        'pendingdeleterestorable' => 'redemption',
        'suspended' => 'suspended', 'hold' => 'suspended', 'clienthold' => 'suspended', 'serverhold' => 'suspended',
        'locked' => 'suspended', 'inactive' => 'suspended',
        'transferred' => 'transferred_out', 'transferredout' => 'transferred_out', 'transferredaway' => 'transferred_out',
        'pending' => 'pending_registration', 'pendingregistration' => 'pending_registration',
        'pendingcreate' => 'pending_registration',
        'pendingtransfer' => 'pending_transfer',
        'transferinprogress' => 'transfer_in_progress',
        'transferapproved' => 'transfer_approved',
        'transfercompleted' => 'transfer_completed',
        'transferfailed' => 'transfer_failed',
        'transfercancelled' => 'transfer_cancelled',
    ];

    /**
     * Syncs one domain: status, expiry, nameservers and contacts. One that was synced within the interval is skipped unless
     * `$force` is set.
     *
     * @return array<string, mixed> success, and changes with info, or skipped with reason, or error with error_code
     * @throws \DomainDesk\Sync\Exception\DomainNotFoundException when the database has no such domain
     * @throws \DomainDesk\Sync\Exception\ConfigException when its registrar cannot be used
     * @throws \DomainDesk\Sync\Exception\StoreException when the database fails; nothing was written
     */
    public function syncDomain(Model $domain, bool $force = false): array
    {
        $result = $this->engine()->syncDomain($domain->getKey(), $force, $this->options());
        $this->reload([$domain]);

        return $this->forApplication($result);
    }

    /**
     * Syncs many domains, those of several registrars at the same time.
     *
     * @param Collection<array-key, Model> $domains
     * @param (callable(Model, array<string, mixed>): mixed)|null $progress called for every domain as its result comes in;
     *     `false` stops the batch in good order
     * @return array<string, mixed> stats and results by domain name
     * @throws \DomainDesk\Sync\Exception\StoreException when the database fails; what was written until then stays
     */
    public function syncDomains(Collection $domains, bool $force = false, ?callable $progress = null): array
    {
        $report = $this->engine()->syncDomains(
            $this->keys($domains),
            $force,
            $this->progress($domains, $progress),
            $this->options()
        );

        return $this->finish($domains, $report);
    }

    /**
     * Syncs the status of one domain and nothing else, whenever it was last synced.
     *
     * @return array<string, mixed> as syncDomain()
     * @throws \DomainDesk\Sync\Exception\SyncException as syncDomain()
     */
    public function syncDomainStatus(Model $domain): array
    {
        $result = $this->engine()->syncDomainStatus($domain->getKey(), $this->options());
        $this->reload([$domain]);

        return $this->forApplication($result);
    }

    /**
     * Syncs the status of many domains and nothing else, with the registrars' lists where they have any.
     *
     * @param Collection<array-key, Model> $domains
     * @param (callable(Model, array<string, mixed>): mixed)|null $progress as in syncDomains()
     * @return array<string, mixed> as syncDomains()
     * @throws \DomainDesk\Sync\Exception\SyncException as syncDomains()
     */
    public function syncDomainStatuses(Collection $domains, ?callable $progress = null): array
    {
        $progress = $this->progress($domains, $progress);

        return $this->finish($domains, $this->engine()->syncDomainStatuses($this->keys($domains), $progress, $this->options()));
    }

    /**
     * Syncs the prices of a registrar's active TLDs.
     *
     * @param (callable(Model, array<string, mixed>): mixed)|null $progress called for every TLD with its model and what
     *     changed; `false` stops
     * @param bool $force also when they were synced within the interval
     * @return array<string, mixed> stats, changes, alerts, held, errors
     * @throws \DomainDesk\Sync\Exception\RegistrarException when there is no such registrar
     * @throws \DomainDesk\Sync\Exception\SyncException as syncDomains()
     */
    public function syncTldPrices(Model $registrar, ?callable $progress = null, bool $force = false): array
    {
        $given = null;
        if ($progress !== null) {
            $tlds = $this->models()->tld()->newQuery()->where('registrar_id', $registrar->getKey())->get()->keyBy('extension');
            $given = static fn (array $event): mixed => $tlds->has($event['tld']) ? $progress($tlds[$event['tld']], $event) : null;
        }
        $report = $this->engine()->syncTldPrices($registrar->getKey(), $given, $force, $this->options());
        $this->reload([$registrar]);

        return $report;
    }

    /**
     * Numbers about the domains of the database.
     *
     * @return array<string, mixed>
     * @throws \DomainDesk\Sync\Exception\StoreException when the database fails
     */
    public function getStats(): array
    {
        return $this->engine()->getStats();
    }

    /**
     * The domains that need a sync, the most urgent first.
     *
     * @return ModelCollection<int, Model>
     * @throws \DomainDesk\Sync\Exception\StoreException when the database fails
     */
    public function getDomainsNeedingSync(int $limit = 100): ModelCollection
    {
        return $this->models()->domains($this->engine()->getDomainsNeedingSync($limit, $this->options()));
    }

    /**
     * The active domains that expire within so many days, soonest first.
     *
     * @return ModelCollection<int, Model>
     * @throws \DomainDesk\Sync\Exception\StoreException when the database fails
     */
    public function getExpiringDomains(int $days = 30): ModelCollection
    {
        return $this->models()->domains($this->engine()->getExpiringDomains($days, $this->options()));
    }

    /**
     * Hands a batch to the queue where it has at least `domain.auto_queue_threshold` domains.
     *
     * @param Collection<array-key, Model> $domains
     * @return int how many jobs it became; 0 means that it is small enough for syncDomains()
     */
    public function queueDomains(Collection $domains, bool $force = false): int
    {
        if ($domains->count() < $this->settings()->queueThreshold()) {
            return 0;
        }

        return SyncDomainsJob::dispatchChunks($this->keys($domains), $force, $this->options());
    }

    /**
     * A registrar's word for a status as the application's: its enum where the domain's model casts to one, else a text.
     *
     * @return \BackedEnum|string|null null for a word that nobody knows, which leaves a domain's status alone
     */
    protected function mapRegistrarStatus(string $status): mixed
    {
        $word = preg_replace('/[^a-z]/', '', strtolower($status));
        $mapped = self::STATUSES[$word] ?? null;
        $enum = explode(':', $this->models()->domain()->getCasts()['status'] ?? '')[0];

        return $mapped !== null && enum_exists($enum) ? $enum::from($mapped) : $mapped;
    }

    /** The partner that every call is confined to; null for all. For applications that have one for each request. */
    protected function partnerId(): ?int
    {
        return null;
    }

    /** Whom audit rows name: who is logged in. */
    protected function userId(): ?int
    {
        $container = Container::getInstance();
        $id = $container->bound('auth') ? $container->make('auth')->guard()->id() : null;

        return is_numeric($id) ? (int) $id : null;
    }

    /** @return array<string, int> */
    private function options(): array
    {
        $options = ['partner_id' => $this->partnerId(), 'user_id' => $this->userId()];

        return array_filter($options, static fn (?int $id): bool => $id !== null);
    }

    private function engine(): RegistrarSyncInterface
    {
        return Container::getInstance()->make(RegistrarSyncInterface::class);
    }

    private function models(): Models
    {
        return Container::getInstance()->make(Models::class);
    }

    private function settings(): Settings
    {
        return Container::getInstance()->make(Settings::class);
    }

    /**
     * @param Collection<array-key, Model> $domains
     * @return list<int>
     */
    private function keys(Collection $domains): array
    {
        return $domains->map(static fn (Model $domain): int => $domain->getKey())->values()->all();
    }

    /** @param Collection<array-key, Model> $domains */
    private function progress(Collection $domains, ?callable $progress): ?callable
    {
        if ($progress === null) {
            return null;
        }
        $byId = $domains->keyBy(static fn (Model $domain): int => $domain->getKey());

        return function (array $domain, array $result) use ($byId, $progress): mixed {
            $model = $byId->get($domain['id']);
            if ($model === null) {
                return null;
            }
            // The others differ in their bookkeeping alone, which is read for all at the end.
            if (($result['changes'] ?? []) !== []) {
                $this->reload([$model]);
            }

            return $progress($model, $this->forApplication($result));
        };
    }

    /**
     * @param Collection<array-key, Model> $domains
     * @param array<string, mixed> $report
     * @return array<string, mixed>
     */
    private function finish(Collection $domains, array $report): array
    {
        $this->reload($domains->all());
        $report['results'] = array_map(fn (array $result): array => $this->forApplication($result), $report['results']);

        return $report;
    }

    /**
     * Reads models again, and those of their loaded relations that a sync writes: a few statements for all.
     *
     * @param array<array-key, Model> $models
     */
    private function reload(array $models): void
    {
        foreach (array_chunk($models, 500) as $some) {
            $first = $some[0];
            $keys = array_map(static fn (Model $model): mixed => $model->getKey(), $some);
            $fresh = $first->newQueryWithoutScopes()->whereIn($first->getKeyName(), $keys)->get()->keyBy($first->getKeyName());
            $byRelations = [];
            foreach ($some as $model) {
                $row = $fresh->get($model->getKey());
                // A model that is in no database (RegistrarSync::fake()) stays as it is.
                if ($row === null) {
                    continue;
                }
                $model->setRawAttributes($row->getAttributes(), true);
                $names = array_values(array_intersect(['nameservers', 'contacts'], array_keys($model->getRelations())));
                $byRelations[implode(',', $names)][] = $model;
            }
            unset($byRelations['']);
            foreach ($byRelations as $names => $with) {
                (new ModelCollection($with))->load(explode(',', $names));
            }
        }
    }

    /**
     * Lists of values as collections, which write themselves as texts.
     *
     * @param array<string, mixed> $result
     * @return array<string, mixed>
     */
    private function forApplication(array $result): array
    {
        foreach ($result['changes'] ?? [] as $field => $change) {
            foreach (['old', 'new'] as $side) {
                if (is_array($change[$side]) && array_is_list($change[$side])) {
                    $result['changes'][$field][$side] = new Collection($change[$side]);
                }
            }
        }

        return $result;
    }
}
