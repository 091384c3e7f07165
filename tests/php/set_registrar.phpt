--TEST--
A registrar written in PHP is asked in PHP's thread, and answers as the application's own classes do
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$names = array_keys(domains(8));
final class Own
{
    public array $asked = [];
    public function __construct(private array $answers, private int $thread) {}
    public function getInfo(string $domain): array
    {
        $this->asked[] = $domain;
        $answer = $this->answers[$domain];
        return $answer instanceof Throwable ? throw $answer : $answer;
    }
    public function getTldPricing(string $tld): array
    {
        return match ($tld) {
            'com' => ['success' => true, 'data' => ['register' => [1 => 11.50, 2 => '23.00'], 'renew' => 12, 'transfer' => null]],
            default => ['success' => false, 'message' => "no $tld here", 'error_code' => 'not_found'],
        };
    }
}
$date = new DateTimeImmutable('2030-01-31 20:00:00', new DateTimeZone('America/New_York'));
$own = new Own([
    $names[0] => ['success' => true, 'data' => ['status' => 'clientHold', 'expires_at' => $date, 'nameservers' => new ArrayObject(['ns1.own.example', 'NS2.own.example'])]],
    $names[1] => ['status' => ['ok', 'clientTransferProhibited'], 'expiry_date' => '2031-05-06', 'contacts' => ['registrant' => ['name' => 'Ada Lovelace', 'email' => 'ada@own.example']]],
    $names[2] => ['success' => false, 'message' => 'Domain does not exist', 'error_code' => 404],
    $names[3] => new RuntimeException('refused for simulated', 403),
    $names[4] => new DomainException('boom k3y0fTheSimulatedReseller'),
    $names[5] => ['status' => 'sleeping', 'expires_at' => 'soon'],
    $names[6] => [],
], getmypid());
$sync = sync();
$sync->setRegistrar('resellerclub', $own);
foreach ($names as $place => $name) {
    if ($place === 7) {
        continue;
    }
    $result = $sync->syncDomain($name);
    echo rtrim($place . ' ' . json_encode($result['success']) . ' ' . implode(',', array_keys($result['changes'] ?? [])) . ' ' . ($result['error_code'] ?? '') . ' ' . ($result['error'] ?? '') . ' ' . implode(';', $result['warnings'] ?? [])), "\n";
}
echo value("SELECT status || ' ' || expires_at FROM domains WHERE name = '{$names[0]}'"), ' ', implode(',', $own->asked) === implode(',', array_slice($names, 0, 7)) ? 'asked once each' : json_encode($own->asked), "\n";
$report = $sync->syncDomains(array_slice($names, 0, 3), true);
echo json_encode(array_intersect_key($report['stats'], ['synced' => 1, 'failed' => 1])), "\n";
$prices = $sync->syncTldPrices('resellerclub', force: true);
echo $prices['stats']['changes'], ' ', $prices['stats']['synced'], ' ', $prices['stats']['api_calls'], ' ', implode(',', array_unique(array_map(fn ($error) => $error['error_code'] ?? json_encode($error), $prices['errors']))), "\n";
echo said(fn () => $sync->setRegistrar('x', new stdClass())), "\n", said(fn () => $sync->setRegistrar('x', 'text')), "\n";
$magic = new class { public function __call(string $method, array $arguments): array { return ['status' => 'active']; } };
$sync->setRegistrar('resellerclub', $magic);
echo json_encode($sync->syncDomain($names[7])['success']), "\n";
--EXPECT--
0 true status,expires_at,nameservers
1 true expires_at,contacts.registrant
2 false  not_found the registrar refused: Domain does not exist
3 false  auth RuntimeException: refused for simulated
4 false  rejected DomainException: boom [hidden]
5 true    unknown registrar status `sleeping`; the local status stays;expires_at is unreadable: `soon`; the local one stays
6 false  invalid_response the answer of the registrar's class is no array with keys
suspended 2030-02-01 01:00:00 asked once each
{"synced":2,"failed":1}
3 1 30 not_found
ValueError: DomainDesk\Sync\RegistrarSync::setRegistrar(): Argument $registrar must have a method getInfo(string $domain)
TypeError: DomainDesk\Sync\RegistrarSync::setRegistrar(): Argument $registrar must be of type object, String given
true
