<?php

declare(strict_types=1);

/** Tables, a progress bar and colours: on a terminal with all of it, elsewhere as plain lines. */
final class Console
{
    private const COLOURS = ['bold' => '1', 'dim' => '2', 'red' => '31', 'green' => '32', 'yellow' => '33', 'cyan' => '36'];
    private const BAR = 30;

    private readonly bool $terminal;
    private readonly bool $colours;
    private int $told = -1;

    public function __construct()
    {
        $this->terminal = stream_isatty(STDOUT);
        // https://no-color.org: any value but the empty one.
        $this->colours = $this->terminal && (string) getenv('NO_COLOR') === '';
    }

    public function paint(string $colour, string $text): string
    {
        return $this->colours ? "\e[" . self::COLOURS[$colour] . "m{$text}\e[0m" : $text;
    }

    public function line(string $text = ''): void
    {
        echo $text, "\n";
    }

    public function title(string $text): void
    {
        $this->line("\n" . $this->paint('bold', $text));
    }

    /** Drawn over itself on a terminal; a line at every quarter elsewhere. */
    public function progress(int $done, int $total, string $what): void
    {
        $percent = $total > 0 ? intdiv(100 * $done, $total) : 100;
        if ($this->terminal) {
            if ($percent !== $this->told) {
                $full = intdiv(self::BAR * $percent, 100);
                $bar = $this->paint('green', str_repeat('█', $full)) . $this->paint('dim', str_repeat('░', self::BAR - $full));
                printf("\r  %s %3d %%  %d/%d  %s\e[K", $bar, $percent, $done, $total, self::cut($what, 36));
            }
            if ($done === $total) {
                echo "\r\e[K";
            }
        } elseif (intdiv($percent, 25) > intdiv(max($this->told, 0), 25)) {
            $this->line(sprintf('  %3d %%  %d/%d', $percent, $done, $total));
        }
        $this->told = $done === $total ? -1 : $percent;
    }

    /**
     * @param list<string> $head
     * @param list<list<string>> $rows
     * @param list<int> $right columns that are aligned to the right
     */
    public function table(array $head, array $rows, array $right = []): void
    {
        $widths = array_map(self::width(...), $head);
        foreach ($rows as $row) {
            foreach ($row as $column => $cell) {
                $widths[$column] = max($widths[$column], self::width($cell));
            }
        }
        $this->row($head, $widths, $right, 'bold');
        $rule = array_map(static fn (int $width) => str_repeat('─', $width), $widths);
        $this->line('  ' . $this->paint('dim', implode('  ', $rule)));
        foreach ($rows as $row) {
            $this->row($row, $widths, $right, null);
        }
    }

    /** At most so many characters. */
    public static function cut(string $text, int $width): string
    {
        preg_match_all('/./us', $text, $characters);
        return count($characters[0]) <= $width ? $text : implode('', array_slice($characters[0], 0, $width - 1)) . '…';
    }

    /**
     * @param list<string> $cells
     * @param list<int> $widths
     * @param list<int> $right
     */
    private function row(array $cells, array $widths, array $right, ?string $colour): void
    {
        $padded = [];
        foreach ($cells as $column => $cell) {
            $space = str_repeat(' ', $widths[$column] - self::width($cell));
            $padded[] = in_array($column, $right, true) ? $space . $cell : $cell . $space;
        }
        $text = rtrim(implode('  ', $padded));
        $this->line('  ' . ($colour === null ? $text : $this->paint($colour, $text)));
    }

    private static function width(string $text): int
    {
        // What colours a text takes no room.
        return (int) preg_match_all('/./us', (string) preg_replace('/\e\[[0-9;]*m/', '', $text));
    }
}
