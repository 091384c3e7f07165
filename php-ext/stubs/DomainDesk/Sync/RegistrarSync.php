<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync;

/**
 * Keeps DomainDesk's records in step with its registrars.
 *
 * A call waits in slices: signal handlers, time limits and Ctrl-C work meanwhile, and callbacks run in the calling thread.
 * The engine's threads start with the first object. A process that is forked after that gets a ForkedAfterUseException:
 * make the first object in the child.
 *
 * @phpstan-import-type Options from RegistrarSyncInterface
 * @phpstan-import-type DomainResult from RegistrarSyncInterface
 * @phpstan-import-type BatchReport from RegistrarSyncInterface
 * @phpstan-import-type KeptPlan from RegistrarSyncInterface
 * @phpstan-import-type Explanation from RegistrarSyncInterface
 * @phpstan-import-type DomainSummary from RegistrarSyncInterface
 * @phpstan-import-type TldProgress from RegistrarSyncInterface
 * @phpstan-import-type PriceReport from RegistrarSyncInterface
 * @phpstan-import-type Stats from RegistrarSyncInterface
 * @phpstan-import-type Capabilities from RegistrarSyncInterface
 */
final class RegistrarSync implements RegistrarSyncInterface
{
    /**
     * Connects to the database that `$config` names, and checks that it is DomainDesk's. Nothing is sent to a registrar.
     *
     * The application's own config arrays will do; keys that the library does not know are ignored.
     *
     * With `$connection` everything is read and written over that PDO connection (SQLite, MariaDB, MySQL, PostgreSQL), in this
     * thread: inside its transaction where one is open, so that what is not committed yet is seen, and an in-memory database
     * is. Of `$config['database']` only `prefix` counts then. Slower than a connection of the engine's own, which works beside
     * this thread. Progress is told between transactions, so a callback may use the connection; it must not end a transaction
     * that it did not begin.
     *
     * @param array{database: string|array<string, mixed>, domain?: array<string, mixed>|null, registrar?: array<string, mixed>|null,
     *     app_key?: string|null, previous_keys?: list<string>|string|null, timezone?: string|null, partner_id?: int|null,
     *     source?: string|null, user_id?: int|null, redis?: string|array<string, mixed>|null, ...} $config
     * @param \PDO|null $connection
     * @throws Exception\ConfigException when a value is wrong: the message names its path and what would be right
     * @throws \TypeError when `$connection` is no PDO connection
     * @throws Exception\StoreException when the database cannot be reached or is not DomainDesk's
     * @throws Exception\ForkedAfterUseException in a process that was forked from one that used the extension
     * @throws \ValueError when a text is not valid UTF-8
     */
    public function __construct(#[\SensitiveParameter] array $config, ?object $connection = null) {}

    /**
     * As the constructor, from the environment (`DB_*`, `APP_KEY`, `APP_TIMEZONE`, `DOMAIN_*`, `REGISTRAR_*`).
     *
     * @param array<string, mixed> $overrides what the environment does not say, or says otherwise
     * @throws Exception\ConfigException when a value is wrong: the message names the variable or the path
     * @throws Exception\StoreException when the database cannot be reached or is not DomainDesk's
     */
    public static function fromEnv(#[\SensitiveParameter] array $overrides = []): self {}

    /**
     * Syncs one domain: status, expiry, nameservers and contacts.
     *
     * What the registrar answers is in the result, failures included: `success` is false then, and `error_code` says of
     * what kind. A domain that was synced within the interval is skipped unless `$force` is set.
     *
     * @param int|string $domain an id, or a name
     * @param Options $options
     * @return DomainResult
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\ConfigException when its registrar or an option cannot be used
     * @throws Exception\StoreException when the database fails; nothing was written
     * @throws Exception\CancelledException when `cancel()` stopped it
     */
    public function syncDomain(int|string $domain, bool $force = false, array $options = []): array {}

    /**
     * Syncs many domains, those of several registrars at the same time.
     *
     * A domain that fails is a result. `stats` adds up: total = synced + failed + skipped + held.
     *
     * @param list<int|string>|null $domains ids or names; null for those that need it, at most the option `limit`, by default `sync_batch_size`
     * @param (callable(DomainSummary, DomainResult): mixed)|null $progress called once for every domain, in this thread, as results
     *     come in; `false` stops the batch in good order. What it throws comes out unchanged, once what is being written is written
     * @param Options $options
     * @return BatchReport
     * @throws Exception\ConfigException when an option cannot be used
     * @throws Exception\StoreException when the database fails; what was written until then stays
     */
    public function syncDomains(?array $domains = null, bool $force = false, ?callable $progress = null, array $options = []): array {}

    /**
     * Syncs the status of one domain and nothing else, whenever it was last synced.
     *
     * @param int|string $domain an id, or a name
     * @param Options $options
     * @return DomainResult
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\ConfigException when its registrar or an option cannot be used
     * @throws Exception\StoreException when the database fails; nothing was written
     * @throws Exception\CancelledException when `cancel()` stopped it
     */
    public function syncDomainStatus(int|string $domain, array $options = []): array {}

    /**
     * Syncs the status of many domains and nothing else, with the registrars' lists where they have any.
     *
     * @param list<int|string>|null $domains as in syncDomains()
     * @param (callable(DomainSummary, DomainResult): mixed)|null $progress as in syncDomains()
     * @param Options $options
     * @return BatchReport
     * @throws Exception\ConfigException when an option cannot be used
     * @throws Exception\StoreException when the database fails; what was written until then stays
     */
    public function syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = []): array {}

    /**
     * Writes what a dry run of syncDomains() or syncDomainStatuses() returned, perhaps kept as JSON meanwhile. No registrar is asked.
     *
     * A domain that is not any more what the plan was made from is skipped with the reason `Changed since the plan was made`, and
     * so is one that another process is syncing. What the safety brake held is held still. Domains may be taken out of
     * `kept_plan.domains` before. A plan holds no secret, but contacts, which are personal data.
     *
     * @param BatchReport|KeptPlan $plan
     * @param (callable(DomainSummary, DomainResult): mixed)|null $progress as in syncDomains()
     * @param Options $options
     * @return BatchReport
     * @throws Exception\ConfigException when it is no plan, or an option cannot be used; nothing was written
     * @throws Exception\StoreException when the database fails; what was written until then stays
     */
    public function apply(array $plan, ?callable $progress = null, array $options = []): array {}

    /**
     * What a dry run returned, as a table in plain text. A command that shows it ends with `kept_plan.exit_code`: 0 when there
     * was nothing to do, 2 when there are changes, 1 when a domain failed or the dry run stopped before its end.
     *
     * @param BatchReport|KeptPlan $plan
     * @throws Exception\ConfigException when it is no plan
     */
    public static function describe(array $plan): string {}

    /**
     * Says when a domain is due and why, what came of its last sync, and what is known of it. No registrar is asked.
     *
     * @param int|string $domain an id, or a name
     * @return Explanation
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\StoreException when the database fails
     */
    public function explain(int|string $domain): array {}

    /**
     * Syncs the prices of a registrar's active TLDs.
     *
     * @param int|string $registrar an id, or a slug
     * @param (callable(TldProgress): mixed)|null $progress called once for every TLD; `false` stops
     * @param bool $force also when they were synced within the interval
     * @param Options $options
     * @return PriceReport
     * @throws Exception\RegistrarException when there is no such registrar
     * @throws Exception\ConfigException when it cannot be used
     * @throws Exception\StoreException when the database fails
     */
    public function syncTldPrices(int|string $registrar, ?callable $progress = null, bool $force = false, array $options = []): array {}

    /**
     * The ids of at most `$limit` domains that need a sync, the most urgent first.
     *
     * @param Options $options
     * @return list<int>
     * @throws Exception\StoreException when the database fails
     */
    public function getDomainsNeedingSync(int $limit = 100, array $options = []): array {}

    /**
     * The domains that ask a person to look, by id, at most the option `limit`, by default 100; `clearReview()` takes that back.
     *
     * @param Options $options
     * @return list<DomainReview>
     * @throws Exception\StoreException when the database fails
     */
    public function getDomainsNeedingReview(array $options = []): array {}

    /**
     * The ids of the active domains that expire within so many days, soonest first.
     *
     * @param Options $options
     * @return list<int>
     * @throws Exception\StoreException when the database fails
     */
    public function getExpiringDomains(int $days = 30, array $options = []): array {}

    /**
     * Numbers about the domains of the database, or of the partner that this object is confined to.
     *
     * @return Stats
     * @throws Exception\StoreException when the database fails
     */
    public function getStats(): array {}

    /**
     * Takes back that a person should look at a domain, and lets it be tried again at once.
     *
     * @param int|string $domain an id, or a name
     * @return bool whether there was anything to take back
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\StoreException when the database fails
     */
    public function clearReview(int|string $domain): bool {}

    /** Stops every call that is under way on this object. A signal handler may call it, and so may a progress callback. */
    public function cancel(): void {}

    /**
     * Calls `$logger` for every log line, in this thread; null calls nobody. No secret is in a line.
     *
     * @param (callable(string, string, array<string, mixed>): mixed)|null $logger gets a PSR-3 level, a fixed message and its context
     */
    public function setLogger(?callable $logger): void {}

    /**
     * Uses a registrar written in PHP for a slug from now on, before a native one.
     *
     * Its methods are called in this thread, one at a time, while native registrars run beside them: `getInfo(string $domain):
     * array`, and `getTldPricing(string $tld): array` where it has one. They answer `['success' => true, 'data' => [...]]` or the
     * data alone. Of a domain: `status` (a word, or a list of EPP statuses), `expires_at` (a date or a text), `nameservers`, and
     * `contacts` by role with the columns of `domain_contacts`. Of a TLD: `currency`, and `register`, `renew`, `transfer`, each the
     * price of one year or totals by years. What is not told is left as it is. A refusal is `['success' => false, 'message' =>
     * ..., 'error_code' => 'not_found']` or an exception: its `getKind()` or its code (404, 429 ...) says of what kind.
     *
     * @throws \TypeError when `$registrar` is no object
     * @throws \ValueError when it has no method `getInfo`
     */
    public function setRegistrar(string $slug, object $registrar): void {}

    /**
     * What the native registrars can do, by slug.
     *
     * @return array<string, Capabilities>
     */
    public static function registrars(): array {}

    /** The extension's version. */
    public static function version(): string {}
}
