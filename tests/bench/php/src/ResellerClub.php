<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** ResellerClub's HTTP API, as far as a sync asks it. */
final class ResellerClub
{
    private ?\CurlHandle $kept = null;

    /** @param bool $keepAlive one connection for all calls, or a connection for each as the replaced service made */
    public function __construct(
        private readonly string $url,
        private readonly string $authUserid,
        #[\SensitiveParameter]
        private readonly string $apiKey,
        private readonly Meter $meter,
        private readonly bool $keepAlive,
    ) {
    }

    /** The order id of a domain: the first of the two calls of the replaced service. */
    public function orderId(string $domain): string
    {
        $id = $this->get('domains/orderid.json', ['domain-name' => $domain]);
        if (!is_int($id) && !(is_string($id) && ctype_digit($id))) {
            throw new RegistrarError('invalid_response', 'the order id is no number');
        }

        return (string) $id;
    }

    /**
     * A domain's record by order id.
     *
     * @return array<string, mixed>
     */
    public function detailsByOrderId(string $orderId): array
    {
        return $this->details('domains/details.json', ['order-id' => $orderId]);
    }

    /**
     * A domain's record by name: the same answer in one call.
     *
     * @return array<string, mixed>
     */
    public function detailsByName(string $domain): array
    {
        return $this->details('domains/details-by-name.json', ['domain-name' => $domain]);
    }

    /**
     * @param array<string, string> $query
     * @return array<string, mixed>
     */
    private function details(string $path, array $query): array
    {
        $details = $this->get($path, [...$query, 'options' => 'All']);
        if (!is_array($details) || !is_string($details['domainname'] ?? null)) {
            throw new RegistrarError('invalid_response', 'the answer has no domainname');
        }

        return $details;
    }

    /** @param array<string, string> $query */
    private function get(string $path, array $query): mixed
    {
        $handle = $this->handle();
        $query = ['auth-userid' => $this->authUserid, 'api-key' => $this->apiKey, ...$query];
        curl_setopt($handle, CURLOPT_URL, "$this->url/$path?" . http_build_query($query));
        $body = curl_exec($handle);
        $this->meter->httpRequests++;
        $this->meter->connections += curl_getinfo($handle, CURLINFO_NUM_CONNECTS);
        if (!is_string($body)) {
            $timedOut = curl_errno($handle) === CURLE_OPERATION_TIMEDOUT;
            throw new RegistrarError($timedOut ? 'timeout' : 'network', (string) curl_strerror(curl_errno($handle)));
        }

        return self::read($body, (int) curl_getinfo($handle, CURLINFO_RESPONSE_CODE));
    }

    /** The body decides before the HTTP status does (S6.2): an ordinary refusal comes as HTTP 500 with JSON. */
    private static function read(string $body, int $status): mixed
    {
        $answer = json_decode($body, true);
        $refused = is_array($answer) && in_array(self::word($answer, 'status'), ['error', 'failed'], true);
        if ($refused) {
            $message = $answer['message'] ?? $answer['error'] ?? $answer['actionstatusdesc'] ?? 'no reason given';
            $message = is_string($message) ? $message : 'no reason given';
            throw new RegistrarError(self::kind($message), $message);
        }
        if ($status >= 500) {
            throw new RegistrarError('network', "HTTP $status");
        }
        if ($status !== 200 || $answer === null) {
            throw new RegistrarError($status === 403 ? 'auth' : 'invalid_response', "HTTP $status without JSON");
        }

        return $answer;
    }

    /** The kind of a refusal by its text; no text of this API is a documented contract, so it is matched loosely. */
    private static function kind(string $message): string
    {
        return match (1) {
            preg_match("/website doesn't exist|available for registration|no entity found/i", $message) => 'not_found',
            preg_match('/authentication|invalid credentials|access denied|not authorized/i', $message) => 'auth',
            default => 'rejected',
        };
    }

    /** @param array<string, mixed> $answer */
    private static function word(array $answer, string $key): string
    {
        return is_string($answer[$key] ?? null) ? strtolower($answer[$key]) : '';
    }

    private function handle(): \CurlHandle
    {
        if ($this->kept !== null) {
            return $this->kept;
        }
        $handle = curl_init();
        curl_setopt_array($handle, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT => 10,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_ENCODING => '',
            CURLOPT_PROXY => '',
            CURLOPT_USERAGENT => 'DomainDesk-bench',
        ]);
        if ($this->keepAlive) {
            $this->kept = $handle;
        }

        return $handle;
    }
}
