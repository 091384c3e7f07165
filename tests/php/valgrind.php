<?php

// A little of everything, for valgrind.

require __DIR__ . '/bootstrap.inc';

function everything(): void
{
    $sync = sync();
    $sync->setLogger(fn (string $level, string $message, array $context) => null);
    $names = array_keys(domains(5));
    $sync->syncDomain($names[0]);
    $sync->syncDomains($names, true, fn (array $domain, array $result) => $result['success']);
    $sync->syncDomainStatuses($names, fn () => $sync->getStats() !== []);
    thrown(fn () => $sync->syncDomains($names, true, fn () => throw new LogicException('from the callback')));
    thrown(fn () => $sync->syncDomain('not-there.example'));
    thrown(fn () => sync(['timezone' => "\xff"]));
    thrown(fn () => sync(['timezone' => 'Nowhere']));
    $sync->syncTldPrices('resellerclub', fn () => true, true);
    $sync->getDomainsNeedingSync(limit: 3);
    DomainDesk\Sync\RegistrarSync::registrars();
    sync(registrar: 'broken')->syncDomain($names[1], options: ['dry_run' => true]);
    new DomainDesk\Sync\Exception\ConfigException('x', 0, new LogicException('y'));
    foreach ((new ReflectionClass($sync))->getMethods() as $method) {
        array_map('strval', $method->getParameters());
    }
}

everything();
everything();
echo "done\n";
