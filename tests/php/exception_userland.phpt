--TEST--
PHP code can make, throw and extend the exceptions
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
use DomainDesk\Sync\Exception\{CancelledException, ConfigException, DomainNotFoundException, ForkedAfterUseException, RegistrarException, StoreException, SyncException};
foreach ([SyncException::class, ConfigException::class, StoreException::class, DomainNotFoundException::class, RegistrarException::class, CancelledException::class, ForkedAfterUseException::class] as $class) {
    $made = new $class('x', 3, new LogicException('why'));
    echo substr($class, 26), ' ', $made->getMessage(), ' ', $made->getCode(), ' ', get_class($made->getPrevious()), ' ', $made->getKind(), ' ',
        json_encode([$made->getRegistrar(), $made->getRetryAfter()]), ' ', yes($made instanceof SyncException && $made instanceof RuntimeException), "\n";
}
final class Own extends ConfigException
{
    public function __construct(private string $more) { parent::__construct("own: $more"); }
    public function more(): string { return $this->more; }
}
try {
    throw new Own('y');
} catch (SyncException $caught) {
    echo get_class($caught), ' ', $caught->getMessage(), ' ', $caught->more(), ' ', $caught->getKind(), ' ', $caught->getLine(), "\n";
}
echo unserialize(serialize(new StoreException('kept')))->getMessage(), "\n";
--EXPECT--
SyncException x 3 LogicException internal [null,null] yes
ConfigException x 3 LogicException config [null,null] yes
StoreException x 3 LogicException store [null,null] yes
DomainNotFoundException x 3 LogicException not_found [null,null] yes
RegistrarException x 3 LogicException rejected [null,null] yes
CancelledException x 3 LogicException cancelled [null,null] yes
ForkedAfterUseException x 3 LogicException internal [null,null] yes
Own own: y y config 15
kept
