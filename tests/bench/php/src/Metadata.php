<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** The JSON object in `domains.sync_metadata` (S4.2, S6.3); foreign keys in it are kept. */
final class Metadata
{
    private const OWNED = [
        'synced_at', 'changes_detected', 'registrar_status', 'unknown_status', 'last_sync_attempt', 'last_sync_error',
        'error_code', 'attempts', 'next_attempt_at', 'needs_review', 'review_reason',
    ];

    /**
     * After a success.
     *
     * @param array<string, mixed> $before
     * @return array<string, mixed>
     */
    public static function synced(array $before, RemoteDomain $remote, int $changes, \DateTimeInterface $now): array
    {
        $metadata = [
            ...array_diff_key($before, array_flip(self::OWNED)),
            'synced_at' => $now->format(\DateTimeInterface::ATOM),
            'changes_detected' => $changes,
            'registrar_status' => $remote->words,
        ];

        $isUnknown = $remote->status === null && $remote->words !== '';

        return $isUnknown ? [...$metadata, 'unknown_status' => $remote->words] : $metadata;
    }

    /**
     * After a failure: what is known stays.
     *
     * @param array<string, mixed> $before
     * @return array<string, mixed>
     */
    public static function failed(array $before, RegistrarError $error, \DateTimeInterface $now): array
    {
        return [
            ...$before,
            'last_sync_attempt' => $now->format(\DateTimeInterface::ATOM),
            'last_sync_error' => $error->getMessage(),
            'error_code' => $error->kind,
            'attempts' => (int) ($before['attempts'] ?? 0) + 1,
        ];
    }
}
