<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A sync gave a domain another status. */
final class DomainStatusChanged
{
    use FindsDomain;

    public function __construct(
        public readonly int $domainId,
        public readonly string $domain,
        public readonly ?string $from,
        public readonly string $to,
    ) {
    }
}
