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
    $sync->setRegistrar('resellerclub', new class {
        public function getInfo(string $domain): array
        {
            return $domain < 'm' ? ['status' => 'active', 'expires_at' => new DateTimeImmutable('2030-01-01')] : throw new LogicException('no');
        }
    });
    $sync->syncDomains($names, true);
    $pdo = pdo();
    $pdo->beginTransaction();
    $inside = new DomainDesk\Sync\RegistrarSync(config(), $pdo);
    $inside->syncDomains($names, true, fn () => true);
    thrown(fn () => $inside->syncDomains($names, true, fn () => throw new LogicException('from the callback')));
    $pdo->rollBack();
    thrown(fn () => new DomainDesk\Sync\RegistrarSync(config(), new stdClass()));
    new DomainDesk\Sync\Exception\ConfigException('x', 0, new LogicException('y'));
    foreach ((new ReflectionClass($sync))->getMethods() as $method) {
        array_map('strval', $method->getParameters());
    }
}

everything();
everything();
echo "done\n";
