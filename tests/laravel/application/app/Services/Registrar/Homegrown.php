<?php

declare(strict_types=1);

namespace App\Services\Registrar;

use Illuminate\Support\Carbon;

/** A registrar whose API is a table of the application's own. */
final class Homegrown
{
    /** @param array<string, string> $credentials */
    public function __construct(private readonly array $credentials)
    {
    }

    /** @return array<string, mixed> */
    public function getInfo(string $domain): array
    {
        if (($this->credentials['token'] ?? '') !== 'homemade') {
            return ['success' => false, 'message' => 'the token is wrong', 'error_code' => 401];
        }

        return [
            'success' => true,
            'data' => [
                'domain' => $domain,
                'status' => 'active',
                'expiry_date' => Carbon::parse('2030-05-06 07:08:09', 'UTC'),
                'nameservers' => collect(['ns1.homegrown.example', 'ns2.homegrown.example']),
            ],
        ];
    }
}
