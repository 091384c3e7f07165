<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** What differs between the application and the registrar, field by field (S3): pure functions. */
final class Comparison
{
    private const TRANSFER_FLOW = ['pending_transfer', 'transfer_in_progress', 'transfer_approved'];

    private const REQUIRED = ['first_name', 'last_name', 'email', 'phone', 'address', 'city', 'postal_code', 'country'];

    /** The status to store, or null to leave the local one: it is the same, unknown or the transfer flow's. */
    public static function status(string $local, RemoteDomain $remote): ?string
    {
        $moves = $remote->status !== null && $remote->status !== $local && !in_array($local, self::TRANSFER_FLOW, true);

        return $moves ? $remote->status : null;
    }

    /** Whether the expiry moved to another day in UTC (S3.4). `$localDay` is `Y-m-d`. */
    public static function expiryMoved(?string $localDay, RemoteDomain $remote): bool
    {
        return $remote->expiresAt !== null && $remote->expiresAt->format('Y-m-d') !== $localDay;
    }

    /**
     * Whether the nameservers differ as sets (S3.5).
     *
     * @param list<string> $local
     */
    public static function nameserversDiffer(array $local, RemoteDomain $remote): bool
    {
        if ($remote->nameservers === [] || count($remote->nameservers) > 13) {
            return false;
        }
        $here = self::hosts($local);
        $there = $remote->nameservers;
        sort($here);
        sort($there);

        return $here !== $there;
    }

    /**
     * The columns of a contact that differ, with the registrar's values (S3.6).
     *
     * @param array<string, ?string> $local
     * @param array<string, string> $remote
     * @return array<string, string>
     */
    public static function contact(array $local, array $remote): array
    {
        $differs = fn (string $value, string $column): bool => !self::sameValue($column, $local[$column] ?? '', $value);

        return array_filter($remote, $differs, ARRAY_FILTER_USE_BOTH);
    }

    /**
     * Whether a contact that is not there can be added: the table demands some columns.
     *
     * @param array<string, string> $remote
     */
    public static function isWholeContact(array $remote): bool
    {
        return array_diff_key(array_flip(self::REQUIRED), $remote) === [];
    }

    /**
     * Host names in their canonical form: lower-case A-labels without a trailing dot, none empty, none twice.
     *
     * @param array<string> $hosts
     * @return list<string>
     */
    public static function hosts(array $hosts): array
    {
        $canonical = [];
        foreach ($hosts as $host) {
            $host = strtolower(rtrim(trim($host), '.'));
            if (preg_match('/[^\x20-\x7e]/', $host) === 1) {
                $host = (string) idn_to_ascii($host, IDNA_NONTRANSITIONAL_TO_ASCII, INTL_IDNA_VARIANT_UTS46);
            }
            if ($host !== '') {
                $canonical[$host] = true;
            }
        }

        return array_map(strval(...), array_keys($canonical));
    }

    private static function sameValue(string $column, string $here, string $there): bool
    {
        if ($here === $there) {
            return true;
        }

        return match ($column) {
            'email', 'country' => strcasecmp($here, $there) === 0,
            'phone' => ($digits = preg_replace('/\D/', '', $here)) !== '' && $digits === preg_replace('/\D/', '', $there),
            default => false,
        };
    }
}
