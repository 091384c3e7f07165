<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\Laravel\Exceptions\ExtensionMissingException;
use DomainDesk\Sync\RegistrarSync;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Container\Container;
use PDO;

/**
 * The extension's engine as the application has it: made of its configuration at the first call, and again when that has
 * changed since; its log lines go to Laravel's logger, and what it found out is told by events.
 *
 * Events come as results do, in the calling thread. A listener that throws stops a batch in good order: queue what may fail.
 *
 * Inside an open transaction, and on a database in memory, it works over the application's own connection, with the same
 * results: what is not committed is seen, and what is written goes with the transaction. Every call throws what the
 * extension's does.
 */
final class Engine implements RegistrarSyncInterface
{
    /** On a connection of its own. */
    private ?RegistrarSync $sync = null;

    /** @var array<string, mixed> what it was made of */
    private array $madeOf = [];

    /** On the application's connection. */
    private ?RegistrarSync $inside = null;

    /** @var array{0: PDO|null, 1: array<string, mixed>} what that was made of */
    private array $insideOf = [null, []];

    /** @var array<string, object> registrars that the application gave by itself */
    private array $registrars = [];

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
    public function getDomainsNeedingReview(array $options = []): array
    {
        return $this->sync()->getDomainsNeedingReview($options);
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
        $this->inside?->cancel();
    }

    /** {@inheritDoc} */
    public function setLogger(?callable $logger): void
    {
        $this->logger = $logger;
        $this->sync?->setLogger($logger);
        $this->inside?->setLogger($logger);
    }

    /** {@inheritDoc} */
    public function apply(array $plan, ?callable $progress = null, array $options = []): array
    {
        return $this->sync()->apply($plan, $this->announcer->listening($progress), $options);
    }

    /** {@inheritDoc} */
    public function explain(int|string $domain): array
    {
        return $this->sync()->explain($domain);
    }

    /** {@inheritDoc} */
    public function setRegistrar(string $slug, object $registrar): void
    {
        $this->registrars[$slug] = $registrar;
        $this->sync?->setRegistrar($slug, $registrar);
        $this->inside?->setRegistrar($slug, $registrar);
    }

    private function sync(): RegistrarSync
    {
        if (!extension_loaded('domaindesk_sync')) {
            throw new ExtensionMissingException();
        }
        $settings = $this->settings->toArray();
        if (!$this->settings->isShared()) {
            $pdo = $this->settings->connection()->getPdo();
            if ($this->inside === null || $this->insideOf !== [$pdo, $settings]) {
                $this->inside = $this->furnished(new RegistrarSync($settings, $pdo));
                $this->insideOf = [$pdo, $settings];
            }

            return $this->inside;
        }
        if ($this->sync === null || $settings !== $this->madeOf) {
            $this->sync = $this->furnished(new RegistrarSync($settings));
            $this->madeOf = $settings;
        }

        return $this->sync;
    }

    private function furnished(RegistrarSync $sync): RegistrarSync
    {
        $sync->setLogger($this->logger === false ? $this->toLaravel(...) : $this->logger);
        $this->foreign->giveTo($sync);
        foreach ($this->registrars as $slug => $registrar) {
            $sync->setRegistrar($slug, $registrar);
        }

        return $sync;
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
