<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A sync failed and changed nothing of the domain. It is tried again by itself, up to domain.sync_retries times. */
final class DomainSyncFailed
{
    use FindsDomain;

    /** @param array<string, mixed> $result as syncDomain() gives it */
    public function __construct(
        public readonly int $domainId,
        public readonly string $domain,
        public readonly array $result,
    ) {
    }

    /** What failed, in words without secrets. */
    public function error(): string
    {
        return $this->result['error'] ?? '';
    }

    /** The kind of failure: auth, rate_limited, not_found, timeout, network … as SyncException::getKind(). */
    public function errorCode(): string
    {
        return $this->result['error_code'] ?? 'internal';
    }
}
