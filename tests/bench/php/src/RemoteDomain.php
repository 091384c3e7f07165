<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** A domain as ResellerClub tells it, read once. What it did not tell is null or missing (S2.3). */
final class RemoteDomain
{
    private const ROLES = [
        'registrant' => 'registrantcontact',
        'admin' => 'admincontact',
        'tech' => 'techcontact',
        'billing' => 'billingcontact',
    ];

    /** Locks, which are no status (S3.2). */
    private const LOCKS = ['transferlock', 'resellerlock', 'customerlock', 'sixtydaylock'];

    /** Days after the end in which a domain without a hold counts as in its grace period. */
    private const GRACE_DAYS = 30;

    private const DAY = 86400;

    /** Texts by which registries and proxy services say that they do not tell (S3.6). */
    private const PLACEHOLDERS = '/redacted|not disclosed|data protected|gdpr masked|statutory masking|privacy ?protect'
        . '|privacy service|whoisguard|whois privacy|whois agent|withheld for privacy|domains by proxy|domain proxy'
        . '|contact privacy inc|identity protect/i';

    /**
     * @param string $words the registrar's own words for the status
     * @param ?string $status one of the application's, or null when the words are not in the table (S3.1)
     * @param list<string> $nameservers
     * @param array<string, array<string, string>> $contacts known columns by role
     */
    private function __construct(
        public readonly string $words,
        public readonly ?string $status,
        public readonly ?\DateTimeImmutable $expiresAt,
        public readonly array $nameservers,
        public readonly array $contacts,
    ) {
    }

    /**
     * Reads an answer with `options=All`, for a domain that has the status `$localStatus` here.
     *
     * @param array<string, mixed> $details
     */
    public static function read(array $details, string $localStatus, int $now): self
    {
        $expiresAt = self::instant($details['endtime'] ?? null, $now);
        $current = is_string($details['currentstatus'] ?? null) ? $details['currentstatus'] : '';

        return new self(
            self::words($details, $current),
            self::status($details, strtolower($current), $expiresAt?->getTimestamp(), $localStatus, $now),
            $expiresAt,
            self::nameservers($details),
            array_filter(array_map(fn (string $key) => self::contact($details[$key] ?? null), self::ROLES)),
        );
    }

    /**
     * The words for a person: the life cycle, then whatever holds the domain.
     *
     * @param array<string, mixed> $details
     */
    private static function words(array $details, string $current): string
    {
        $words = $current === '' ? [] : [$current];
        if (strcasecmp($current, 'InActive') === 0 && is_string($details['actiontype'] ?? null)) {
            $words[] = $details['actiontype'];
        }
        $holds = [...(array) ($details['domainstatus'] ?? []), ...(array) ($details['orderstatus'] ?? [])];
        foreach ($holds as $hold) {
            if (!in_array(strtolower($hold), self::LOCKS, true)) {
                $words[] = $hold;
            }
        }
        if (strtolower((string) ($details['raaVerificationStatus'] ?? '')) === 'suspended') {
            $words[] = 'registrant verification suspended';
        }

        return implode(', ', $words);
    }

    /**
     * The registrar's table of statuses; the first line that fits decides.
     *
     * @param array<string, mixed> $details
     */
    private static function status(array $details, string $words, ?int $end, string $localStatus, int $now): ?string
    {
        $has = fn (string $list, string $word): bool => in_array($word, array_map('strtolower', (array) ($details[$list] ?? [])), true);
        $verification = strtolower((string) ($details['raaVerificationStatus'] ?? ''));
        $isRegistered = in_array($words, ['active', 'suspended', 'pending verification', 'failed verification'], true);
        $isInactive = $words === 'inactive';
        $isPast = $end !== null && $end < $now;
        $isHeld = $has('domainstatus', 'renewhold');

        return match (true) {
            $words === 'pending delete restorable' => 'redemption',
            $isInactive && ($details['actiontype'] ?? null) === 'AddTransferDomain' => 'pending_transfer',
            $isInactive && $localStatus === 'pending_registration' => 'pending_registration',
            $isRegistered && $isPast && ($isHeld || $now - $end <= self::GRACE_DAYS * self::DAY) => 'grace_period',
            $isRegistered && $isPast => 'expired',
            $words === 'suspended' => 'suspended',
            $isRegistered && ($has('orderstatus', 'resellersuspend') || $verification === 'suspended') => 'suspended',
            $words === 'failed verification' => 'suspended',
            $isRegistered => 'active',
            default => null,
        };
    }

    /** Epoch seconds in a text; nothing for what makes no sense as the end of a registration (S3.4). */
    private static function instant(mixed $seconds, int $now): ?\DateTimeImmutable
    {
        $seconds = filter_var($seconds, FILTER_VALIDATE_INT);
        if ($seconds === false || $seconds < self::DAY || $seconds > $now + 11 * 366 * self::DAY) {
            return null;
        }

        return new \DateTimeImmutable("@$seconds");
    }

    /**
     * The flat keys ns1, ns2, … in the order of their numbers.
     *
     * @param array<string, mixed> $details
     * @return list<string>
     */
    private static function nameservers(array $details): array
    {
        $hosts = [];
        foreach ($details as $key => $host) {
            if (preg_match('/^ns(\d+)$/', (string) $key, $number) === 1 && is_string($host)) {
                $hosts[(int) $number[1]] = $host;
            }
        }
        ksort($hosts);

        return Comparison::hosts($hosts);
    }

    /** @return array<string, string> the known columns; none for a placeholder (S3.6) */
    private static function contact(mixed $contact): array
    {
        if (!is_array($contact)) {
            return [];
        }
        $text = fn (string $key): string => is_string($contact[$key] ?? null) ? trim($contact[$key]) : '';
        $split = strrpos($text('name'), ' ');
        $country = strtoupper($text('country'));
        $columns = array_filter([
            'first_name' => $split === false ? $text('name') : trim(substr($text('name'), 0, $split)),
            'last_name' => $split === false ? '' : substr($text('name'), $split + 1),
            'organization' => $text('company'),
            'email' => $text('emailaddr'),
            'phone' => self::phone($text('telnocc'), $text('telno')),
            'address' => implode(', ', array_filter([$text('address1'), $text('address2'), $text('address3')], strlen(...))),
            'city' => $text('city'),
            'state' => $text('state'),
            'postal_code' => $text('zip'),
            'country' => preg_match('/^[A-Z]{2}$/', $country) === 1 ? $country : '',
        ], strlen(...));

        return preg_grep(self::PLACEHOLDERS, $columns) === [] ? $columns : [];
    }

    private static function phone(string $countryCode, string $number): string
    {
        if ($number === '' || $countryCode === '') {
            return $number;
        }
        // As the engine has it: a national number may by itself begin with the digits of its country code.
        $longest = strlen($countryCode) >= 3 ? strlen($countryCode) + 4 : 10;
        $digits = strlen((string) preg_replace('/\D/', '', $number));
        if (str_starts_with($number, $countryCode) && $digits > $longest) {
            $number = substr($number, strlen($countryCode));
        }

        return "+$countryCode.$number";
    }
}
