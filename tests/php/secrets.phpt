--TEST--
No secret shows in exceptions, traces, dumps, results or log lines (S6.9)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
ini_set('zend.exception_ignore_args', '0');
$secrets = [given('DDS_TEST_API_KEY'), substr(given('DDS_TEST_APP_KEY'), 7)];
$seen = [];
$look = function (mixed $value) use (&$seen) {
    ob_start();
    var_dump($value);
    print_r($value);
    var_export($value);
    $seen[] = ob_get_clean();
};
$sync = sync();
$sync->setLogger(fn (...$line) => $seen[] = json_encode($line));
$broken = sync(registrar: 'broken');
$broken->setLogger(fn (...$line) => $seen[] = json_encode($line));
$look(get_object_vars($sync));
ob_start();
var_dump($sync);
$seen[] = ob_get_clean();
$look($sync->syncDomain(key(domains(1))));
$look($broken->syncDomain(array_key_last(domains(2))));
$look($broken->syncDomains(array_keys(domains(5)), true));
$look($broken->syncTldPrices('resellerclub', null, true));
foreach ([
    fn () => sync(['timezone' => 'Nowhere']),
    fn () => sync(['domain' => ["\xff" => 1]]),
    fn () => sync(['app_key' => given('DDS_TEST_APP_KEY') . 'x']),
    fn () => sync(['database' => 'sqlite:/nowhere/at/all']),
    fn () => DomainDesk\Sync\RegistrarSync::fromEnv(config(['timezone' => 'Nowhere'])),
    fn () => $sync->syncDomain('not-there.example'),
] as $wrong) {
    $thrown = thrown($wrong);
    $seen[] = $thrown->getMessage() . $thrown->getTraceAsString() . ($thrown->getPrevious()?->getMessage());
    // The frames of the extension's own functions; what PHP code gets as arguments is its own affair.
    $look(array_filter($thrown->getTrace(), fn ($frame) => str_starts_with($frame['class'] ?? '', 'DomainDesk')));
}
$seen[] = implode(pdo()->query("SELECT sync_metadata FROM domains WHERE sync_metadata IS NOT NULL")->fetchAll(PDO::FETCH_COLUMN));
$all = implode($seen);
echo yes(strlen($all) > 5000);
foreach ($secrets as $secret) {
    echo ' ', yes(strlen($secret) > 10 && !str_contains($all, $secret));
}
echo "\n";
--EXPECT--
yes yes yes
