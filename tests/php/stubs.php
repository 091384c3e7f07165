<?php

// Compares php-ext/stubs with what the extension declares: php -n -d extension=<file> tests/php/stubs.php
//
// The stubs are loaded under a namespace of their own, so that one Reflection describes both sides in the same words.

declare(strict_types=1);

const EXTENSION = 'domaindesk_sync';
const ASIDE = 'StubsOf';

if (!extension_loaded(EXTENSION)) {
    fwrite(STDERR, "The extension is not loaded: php -n -d extension=<file> tests/php/stubs.php\n");
    exit(1);
}

/** Declares the stubs' classes under the namespace ASIDE, parents before children. */
function load_stubs(string $folder): array
{
    $files = [];
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS)) as $file) {
        if ($file->getExtension() === 'php') {
            $files[] = $file->getPathname();
        }
    }
    sort($files);
    $code = $names = [];
    foreach ($files as $file) {
        $text = file_get_contents($file);
        $class = str_replace(['/', '.php'], ['\\', ''], substr($file, strlen($folder) + 1));
        $names[] = $class;
        $code[$class] = preg_replace(['/^<\?php/', '/^namespace /m'], ['', 'namespace ' . ASIDE . '\\'], $text);
    }
    spl_autoload_register(function (string $class) use ($code): void {
        $wanted = substr($class, strlen(ASIDE) + 1);
        if (str_starts_with($class, ASIDE . '\\') && isset($code[$wanted])) {
            eval($code[$wanted]);
        }
    });
    return $names;
}

function name(?string $class): string
{
    return preg_replace('/\b' . ASIDE . '\\\\/', '', (string) $class);
}

function type(?ReflectionType $type, ReflectionClass $class): string
{
    if ($type === null) {
        return '(none)';
    }
    $words = explode('|', preg_replace('/^\?(.*)$/', '$1|null', name((string) $type)));
    $words = array_map(fn (string $word) => $word === 'self' ? name($class->getName()) : $word, $words);
    sort($words);
    return implode('|', $words);
}

function parameter(ReflectionParameter $parameter, ReflectionClass $class): string
{
    $text = type($parameter->getType(), $class) . ' ' . ($parameter->isPassedByReference() ? '&' : '')
        . ($parameter->isVariadic() ? '...' : '') . '$' . $parameter->getName();
    foreach ($parameter->getAttributes() as $attribute) {
        $text = "#[{$attribute->getName()}] $text";
    }
    if ($parameter->isDefaultValueAvailable()) {
        $text .= ' = ' . json_encode($parameter->getDefaultValue());
    } elseif ($parameter->isOptional()) {
        $text .= ' = (unknown)';
    }
    return $text;
}

/** Everything that a stub promises of a class, a line each. */
function describe(string $name): array
{
    $class = new ReflectionClass($name);
    $own = fn ($member) => $member->getDeclaringClass()->getName() === $class->getName();
    $interfaces = array_diff($class->getInterfaceNames(), $class->getParentClass() ? $class->getParentClass()->getInterfaceNames() : []);
    $interfaces = array_map('name', $interfaces);
    sort($interfaces);
    $lines = [
        ($class->isInterface() ? 'interface' : 'class') . ($class->isFinal() ? ' final' : '')
        . ($class->isAbstract() && !$class->isInterface() ? ' abstract' : '')
        . ' extends ' . name($class->getParentClass() ? $class->getParentClass()->getName() : null)
        . ' implements ' . implode(', ', $interfaces),
    ];
    foreach (array_filter($class->getReflectionConstants(), $own) as $constant) {
        $lines[] = implode(' ', Reflection::getModifierNames($constant->getModifiers())) . " const {$constant->getName()} = "
            . json_encode($constant->getValue());
    }
    foreach (array_filter($class->getProperties(), $own) as $property) {
        $lines[] = implode(' ', Reflection::getModifierNames($property->getModifiers())) . ' ' . type($property->getType(), $class)
            . " \${$property->getName()} = " . json_encode($property->getDefaultValue());
    }
    foreach (array_filter($class->getMethods(), $own) as $method) {
        $parameters = array_map(fn ($parameter) => parameter($parameter, $class), $method->getParameters());
        $lines[] = implode(' ', Reflection::getModifierNames($method->getModifiers())) . " function {$method->getName()}("
            . implode(', ', $parameters) . '): ' . type($method->getReturnType(), $class);
    }
    sort($lines);
    return $lines;
}

$stubs = load_stubs(dirname(__DIR__, 2) . '/php-ext/stubs');
$real = (new ReflectionExtension(EXTENSION))->getClassNames();
$differences = [];
foreach (array_diff($real, $stubs) as $name) {
    $differences[] = "- no stub for $name";
}
foreach (array_diff($stubs, $real) as $name) {
    $differences[] = "+ no class for the stub $name";
}
foreach (array_intersect($stubs, $real) as $name) {
    [$promised, $declared] = [describe(ASIDE . "\\$name"), describe($name)];
    foreach (array_diff($declared, $promised) as $line) {
        $differences[] = "- $name: $line";
    }
    foreach (array_diff($promised, $declared) as $line) {
        $differences[] = "+ $name: $line";
    }
}
if ($differences !== []) {
    echo "The stubs (+) and the extension (-) differ:\n", implode("\n", $differences), "\n";
    exit(1);
}
echo count($real), " classes are as their stubs say.\n";
