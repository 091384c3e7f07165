<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Exceptions;

use DomainDesk\Sync\Exception\SyncException;

/** A queued sync failed: the queue tries it again, or keeps it among its failed jobs. */
final class SyncFailedException extends SyncException
{
    /** @param array<string, mixed> $result a result with `success` false */
    public static function of(array $result): self
    {
        $failure = new self(sprintf('%s: %s', $result['domain'], $result['error'] ?? 'the sync failed'));
        $failure->kind = $result['error_code'] ?? 'internal';

        return $failure;
    }
}
