<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A domain was synced, whether or not anything changed. */
final class DomainSynced
{
    use FindsDomain;

    /** @param array<string, mixed> $result as syncDomain() gives it */
    public function __construct(
        public readonly int $domainId,
        public readonly string $domain,
        public readonly array $result,
    ) {
    }

    /** @return array<string, array{old: mixed, new: mixed}> by field: status, expires_at, nameservers, contacts.registrant … */
    public function changes(): array
    {
        return $this->result['changes'] ?? [];
    }
}
