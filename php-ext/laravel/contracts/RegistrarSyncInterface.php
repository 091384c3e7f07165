<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync;

/**
 * What RegistrarSync does: for type hints, and for doubles in tests.
 *
 * @phpstan-type Options array{dry_run?: bool, partner_id?: int, source?: string, user_id?: int, concurrency?: int, limit?: int,
 *     max_seconds?: int, allow_mass_change?: bool, results?: 'all'|'changed'|'none', force?: bool}
 * @phpstan-type ErrorCode 'auth'|'rate_limited'|'not_found'|'timeout'|'network'|'invalid_response'|'rejected'|'unsupported'|'store'|'config'|'cancelled'|'internal'
 * @phpstan-type DomainInfo array{status?: string, registrar_status: string, expires_at?: string, nameservers?: list<string>}
 * @phpstan-type DomainResult array{domain: string, id?: int, success: bool, skipped?: true, reason?: string,
 *     changes?: array<string, array{old: mixed, new: mixed}>, info?: DomainInfo, error?: string, error_code?: ErrorCode,
 *     registrar_code?: string, held?: true, transfer_in_progress?: true, needs_review?: true, dry_run?: true,
 *     duration_ms: int, attempts: int, warnings: list<string>}
 * @phpstan-type DomainReview array{domain: string, id: int, partner_id: int, reason: string|null, since: string|null,
 *     error_code: string|null, attempts: int}
 * @phpstan-type DomainSummary array{id: int|null, name: string, partner_id: int|null, registrar: string|null}
 * @phpstan-type BatchReport array{
 *     stats: array{total: int, synced: int, failed: int, skipped: int, changes: int, held: int, api_calls: int, duration_ms: int},
 *     results: array<string, DomainResult>, cancelled: bool, timed_out: bool, left: int, dry_run: bool,
 *     plan: array<string, array{method: string, reason: string, calls: int, warning?: string}>, kept_plan?: KeptPlan}
 * @phpstan-type KeptDomain array{domain: string, id: int, partner_id: int, registrar?: string, state: string, synced_at?: string,
 *     changes?: array<string, array{old: mixed, new: mixed}>, expires_at?: string, metadata?: array<string, mixed>, held?: true,
 *     reason?: string, error?: string, error_code?: ErrorCode, needs_review?: true, warnings?: list<string>}
 * @phpstan-type KeptPlan array{version: int, made_at: string, exit_code: 0|1|2, domains: list<KeptDomain>}
 * @phpstan-type Explanation array{domain: string, id: int, partner_id: int, status: string, expires_at: string|null,
 *     registrar: array{id: int, slug: string|null, known: bool, active: bool}|null, due: bool, due_at: string|null, reason: string,
 *     class: int|null, interval_seconds: int|null, last_synced_at: string|null, last_outcome: 'synced'|'failed'|'held'|'never',
 *     skipped: string|null,
 *     failure: array{error: string|null, error_code: string|null, attempts: int, last_attempt_at: string|null, next_attempt_at: string|null}|null,
 *     held: bool, needs_review: bool, review_reason: string|null, review_since: string|null, leased_until: string|null,
 *     evidence: array{remote_id: string|null, change_marker: string|null, details_at: string|null, registrar_status: string|null,
 *         unknown_status: string|null, changed_at: string|null, changes_detected: int|null}}
 * @phpstan-type PriceChange array{tld: string, action: string, years: int, old: string|null, new: string, percent: string|null}
 * @phpstan-type HeldPrice array{tld: string, action: string, years: int, old: string|null, new: string, percent: string|null, reason: string}
 * @phpstan-type TldError array{tld: string, error: string, error_code: ErrorCode}
 * @phpstan-type TldProgress array{tld: string, changes: list<PriceChange>, error?: TldError, done: int, total: int}
 * @phpstan-type PriceReport array{registrar: string, success: bool, skipped?: true, reason?: string, error?: string, error_code?: ErrorCode,
 *     stats: array{total: int, synced: int, failed: int, skipped: int, changes: int, alerts: int, held: int, api_calls: int, duration_ms: int},
 *     currency?: string, changes: list<PriceChange>, alerts: list<PriceChange>, held: list<HeldPrice>, errors: list<TldError>,
 *     warnings: list<string>, cancelled: bool, dry_run: bool}
 * @phpstan-type Stats array{total: int, with_registrar: int, never_synced: int, recently_synced: int, needs_sync: int, expiring_soon: int,
 *     failed: int, needs_review: int, by_status: array<string, int>, last_synced_at: string|null,
 *     budget: list<array{registrar: string, domains: int, needed_per_day: int, possible_per_day: int|null, enough: bool,
 *         possible_interval_hours: int|null, warning: string|null}>}
 * @phpstan-type Capabilities array{
 *     list: array{page_size: int, row: list<string>, incremental: bool, change_marker: bool, partial_status: bool, whole: bool, by_remote_id: int|null}|null,
 *     prices: bool, contacts: bool, max_in_flight: int}
 */
interface RegistrarSyncInterface
{
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
    public function syncDomain(int|string $domain, bool $force = false, array $options = []): array;

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
    public function syncDomains(?array $domains = null, bool $force = false, ?callable $progress = null, array $options = []): array;

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
    public function syncDomainStatus(int|string $domain, array $options = []): array;

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
    public function syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = []): array;

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
    public function apply(array $plan, ?callable $progress = null, array $options = []): array;

    /**
     * Says when a domain is due and why, what came of its last sync, and what is known of it. No registrar is asked.
     *
     * @param int|string $domain an id, or a name
     * @return Explanation
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\StoreException when the database fails
     */
    public function explain(int|string $domain): array;

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
    public function syncTldPrices(int|string $registrar, ?callable $progress = null, bool $force = false, array $options = []): array;

    /**
     * The ids of at most `$limit` domains that need a sync, the most urgent first.
     *
     * @param Options $options
     * @return list<int>
     * @throws Exception\StoreException when the database fails
     */
    public function getDomainsNeedingSync(int $limit = 100, array $options = []): array;

    /**
     * The domains that ask a person to look, by id, at most the option `limit`, by default 100; `clearReview()` takes that back.
     *
     * @param Options $options
     * @return list<DomainReview>
     * @throws Exception\StoreException when the database fails
     */
    public function getDomainsNeedingReview(array $options = []): array;

    /**
     * The ids of the active domains that expire within so many days, soonest first.
     *
     * @param Options $options
     * @return list<int>
     * @throws Exception\StoreException when the database fails
     */
    public function getExpiringDomains(int $days = 30, array $options = []): array;

    /**
     * Numbers about the domains of the database, or of the partner that this object is confined to.
     *
     * @return Stats
     * @throws Exception\StoreException when the database fails
     */
    public function getStats(): array;

    /**
     * Takes back that a person should look at a domain, and lets it be tried again at once.
     *
     * @param int|string $domain an id, or a name
     * @return bool whether there was anything to take back
     * @throws Exception\DomainNotFoundException when the application has no such domain
     * @throws Exception\StoreException when the database fails
     */
    public function clearReview(int|string $domain): bool;

    /** Stops every call that is under way on this object. A signal handler may call it, and so may a progress callback. */
    public function cancel(): void;

    /**
     * Calls `$logger` for every log line, in this thread; null calls nobody. No secret is in a line.
     *
     * @param (callable(string, string, array<string, mixed>): mixed)|null $logger gets a PSR-3 level, a fixed message and its context
     */
    public function setLogger(?callable $logger): void;

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
    public function setRegistrar(string $slug, object $registrar): void;
}
