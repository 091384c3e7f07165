<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\Laravel\Exceptions\ExtensionMissingException;
use DomainDesk\Sync\Laravel\Exceptions\UnsharedDatabaseException;
use DomainDesk\Sync\RegistrarSync;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Container\Container;

/**
 * The extension's engine as the application has it: made of its configuration at the first call, and again when that has
 * changed since; its log lines go to Laravel's logger, and what it found out is told by events.
 *
 * Events come as results do, in the calling thread. A listener that throws stops a batch in good order: queue what may fail.
 *
 * Every call throws what the extension's does, and UnsharedDatabaseException where the engine's own connection would not
 * see the application's rows.
 */
final class Engine implements RegistrarSyncInterface
{
    private ?RegistrarSync $sync = null;

    /** @var array<string, mixed> what the engine was made of */
    private array $madeOf = [];

    /** @var callable|false|null the caller's own logger; false for Laravel's */
    private $logger = false;

    public function __construct(
        private readonly Settings $settings,
        private readonly Announcer $announcer,
        private readonly ForeignRegistrars $foreign,
        private readonly Repository $config,
        private readonly Container $container,
    ) {
    }

    /** {@inheritDoc} */
    public function syncDomain(int|string $domain, bool $force = false, array $options = []): array
    {
        return $this->announced($this->sync()->syncDomain($domain, $force, $options));
    }

    /** {@inheritDoc} */
    public function syncDomains(
        ?array $domains = null,
        bool $force = false,
        ?callable $progress = null,
        array $options = []
    ): array {
        return $this->sync()->syncDomains($domains, $force, $this->announcer->listening($progress), $options);
    }

    /** {@inheritDoc} */
    public function syncDomainStatus(int|string $domain, array $options = []): array
    {
        return $this->announced($this->sync()->syncDomainStatus($domain, $options));
    }

    /** {@inheritDoc} */
    public function syncDomainStatuses(?array $domains = null, ?callable $progress = null, array $options = []): array
    {
        return $this->sync()->syncDomainStatuses($domains, $this->announcer->listening($progress), $options);
    }

    /** {@inheritDoc} */
    public function syncTldPrices(
        int|string $registrar,
        ?callable $progress = null,
        bool $force = false,
        array $options = []
    ): array {
        $report = $this->sync()->syncTldPrices($registrar, $progress, $force, $options);
        $this->announcer->prices($report);

        return $report;
    }

    /** {@inheritDoc} */
    public function getDomainsNeedingSync(int $limit = 100, array $options = []): array
    {
        return $this->sync()->getDomainsNeedingSync($limit, $options);
    }

    /** {@inheritDoc} */
    public function getDomainsNeedingReview(int $limit = 100, array $options = []): array
    {
        return $this->sync()->getDomainsNeedingReview($limit, $options);
    }

    /** {@inheritDoc} */
    public function getExpiringDomains(int $days = 30, array $options = []): array
    {
        return $this->sync()->getExpiringDomains($days, $options);
    }

    /** {@inheritDoc} */
    public function getStats(): array
    {
        return $this->sync()->getStats();
    }

    /** {@inheritDoc} */
    public function clearReview(int|string $domain): bool
    {
        return $this->sync()->clearReview($domain);
    }

    /** {@inheritDoc} */
    public function cancel(): void
    {
        // Nothing is under way that could be stopped before the first call.
        $this->sync?->cancel();
    }

    /** {@inheritDoc} */
    public function setLogger(?callable $logger): void
    {
        $this->logger = $logger;
        $this->sync?->setLogger($logger);
    }

    /**
     * Writes what a dry run returned.
     *
     * @param array<string, mixed> $plan
     * @return array<string, mixed>
     */
    public function apply(array $plan, ?callable $progress = null): array
    {
        return $this->sync()->apply($plan, $this->announcer->listening($progress));
    }

    /**
     * When and why a domain is due, what came of its last sync, and what that rests on.
     *
     * @return array<string, mixed>
     */
    public function explain(int|string $domain): array
    {
        return $this->sync()->explain($domain);
    }

    /** A registrar written in PHP, for as long as the engine lives. */
    public function setRegistrar(string $slug, object $registrar): void
    {
        $this->sync()->setRegistrar($slug, $registrar);
    }

    /** @throws UnsharedDatabaseException */
    private function sync(): RegistrarSync
    {
        if (!extension_loaded('domaindesk_sync')) {
            throw new ExtensionMissingException();
        }
        UnsharedDatabaseException::throwUnlessShared($this->settings->connection());
        $settings = $this->settings->toArray();
        if ($this->sync === null || $settings !== $this->madeOf) {
            $this->sync = new RegistrarSync($settings);
            $this->madeOf = $settings;
            $this->sync->setLogger($this->logger === false ? $this->toLaravel(...) : $this->logger);
            $this->foreign->giveTo($this->sync);
        }

        return $this->sync;
    }

    /** @param array<string, mixed> $context */
    private function toLaravel(string $level, string $message, array $context): void
    {
        $channel = $this->config->get('registrar-sync.log_channel');
        // Asked for each time, so that a test can put another logger in its place.
        $log = $this->container->make('log');
        ($channel === null ? $log : $log->channel($channel))->log($level, $message, $context);
    }

    /**
     * @param array<string, mixed> $result
     * @return array<string, mixed>
     */
    private function announced(array $result): array
    {
        $this->announcer->domain($result);

        return $result;
    }
}
