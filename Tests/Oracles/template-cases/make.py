#!/usr/bin/env python3
"""Small templates, one feature each, and what transformers' renderer (5.23, Jinja2 3.1.6) makes of them.

    make.py > cases.jsonl       (needs: transformers)

Each line: {template, text} or {template, error}; errors by their Python type, because hone words some of them itself.
The variables are those of VARIABLES for every case.
"""
import json, sys
from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi <b>&'\"\\ é 😀\n"},
                 {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1, "b": [1.5, None, True]}}}]}],
    "n": 3, "z": 0, "neg": -7, "x": 2.5, "big": 123456789012345678901234567890, "t": True, "f": False, "nothing": None,
    "s": "Hello World", "e": "", "sp": "  a\tb \n c  ", "u": "ÀÉß ǆ İ ﬁ ſ ΑΣ", "l": [3, 1, 2], "el": [], "ls": ["b", "A", "c", "a"],
    "d": {"b": 1, "A": 2, "c": {"d": [1, 2]}}, "ed": {}, "items": "shadow", "floats": [1e16, 1e15, 1e-5, 1e-4, 0.1, 1e22, 1.0, -0.0, 123456.789, 5e-324],
    "people": [{"name": "Ann", "age": 31, "on": True}, {"name": "bob", "age": 25}, {"name": "Cy", "age": 40, "on": False}],
    "quotes": ["it's", 'say "x"', "both ' and \"", "tab\tnl\nbs\\", "é\x00\x7f\u200b😀", "\u2028"], "nested": [[1, [2, (3)]], {"k": None}],
}
E = lambda *a: ["{{ " + x + " }}" for x in a]
CASES = [
    *E("s", "n", "x", "big", "t", "nothing", "l", "d", "el", "ed", "floats", "quotes", "nested", "missing", "messages[2]", "(1,)", "()", "(1, 2)", "1, 2",
       "'a' 'b'", "\"a'b\"", "'\\n\\t\\x41\\u00e9\\\\\\q'", "'\\101'", "1_000", "1.5e3", "1e-7", ".5" , "true", "True", "none", "[1,]", "{'a': 1,}", "{1: 'a', 'b': {}}"),
    *E("n + 1", "n - 5", "n * 2", "n / 2", "n // 2", "neg // 2", "neg % 3", "n % 2", "x % 2", "neg / 2", "2 ** 3", "2 ** 3 ** 1", "-n", "+n", "-n ** 2", "1 + 2 * 3 - 4",
       "s + '!'", "s + n", "n + s", "l + [4]", "l + s", "nothing + 1", "t + 1", "s * 2", "2 * s", "l * 2", "s - 1", "1 / 0", "1 // 0", "1 % 0", "x + n", "n ~ s ~ nothing ~ t ~ missing",
       "1 ~ 2 + 3", "'%s-%d' % ('a', 3)", "'%s' % s", "'%%' % ()", "'%s' % l", "missing + 1", "1 + missing", "big", "not n", "not missing", "- 'a'", "-t"),
    *E("n == 3", "n == 3.0", "t == 1", "s == 'Hello World'", "l == [3, 1, 2]", "l == (3, 1, 2)", "d == d", "n != 3", "n < 4", "n <= 3", "x > 2", "'a' < 'b'", "'a' < 1", "[1,2] < [1,3]",
       "1 < 2 < 3", "1 < 3 < 2", "nothing == none", "missing == missing", "missing == 1", "nothing < 1", "'a' in s", "'World' in s", "'' in s", "3 in l", "9 not in l", "'b' in d", "1 in d", "1 in s",
       "1 in nothing", "1 in missing", "s in ['Hello World']", "not 1 in l", "not (1 in l)", "n == 3 and x", "z or s", "z and s", "z or e or nothing", "t and not f", "1 == 1 == 1", "'é' == 'e\u0301'"),
    *E("s[0]", "s[-1]", "s[99]", "s[1:4]", "s[::-1]", "s[:-1]", "s[-3:]", "s[::2]", "s[5:1]", "l[0]", "l[-1]", "l[7]", "l[1:]", "l[::-1]", "l[:2]", "l[2:0:-1]", "l[-99:99]", "l['a']", "d['b']", "d.b",
       "d.c.d[0]", "d['nope']", "d.nope", "d.nope.more", "missing.x", "missing[0]", "nothing.x", "nothing['x']", "n.x", "s.nope", "d[1]", "u[0:2]", "messages[0].content", "messages[0]['role']", "d.items", "d['items']" ,
       "messages[-1].tool_calls[0].function.arguments.b", "l[none]", "l[missing]", "s[none:2]", "l.0", "l[1.0]", "(1,2)[1]", "{'a': 1}['a']", "[1,2,3][::0]", "s['upper']()", "d.get", "loop"),
    *E("s|upper", "s|lower", "u|upper", "u|lower", "s|title", "'it\\'s a-b (c) [d] x_y'|title", "s|capitalize", "u|capitalize", "sp|trim", "s|trim('Hd')", "'xxaxx'|trim('x')", "s|length", "l|length", "d|length", "u|length",
       "n|length", "missing|length", "nothing|length", "s|list", "d|list", "l|list", "missing|list", "n|list", "l|first", "l|last", "el|first", "s|first", "d|first", "l|sum", "el|sum", "x|int", "'12'|int", "'ab'|int", "'ab'|int(7)", "'3.7'|int",
       "'1e3'|float", "'x'|float", "n|float", "n|abs", "neg|abs", "x|round", "3.5|round", "n|round", "n|string + 'a'", "l|string", "nothing|string", "s|replace('l', 'L')", "s|replace('l', 'L', 1)", "s|replace('', '-')",
       "s|default('q')", "missing|default('q')", "missing|default", "e|default('q')", "e|default('q', true)", "nothing|default('q', boolean=true)", "missing|d(1)", "l|join(', ')", "l|join", "ls|join('-')", "people|join(',', attribute='name')",
       "missing|join", "nothing|join", "s|join('.')", "l|sort", "ls|sort", "ls|sort(case_sensitive=true)", "l|sort(reverse=true)", "people|sort(attribute='age')|map(attribute='name')|list", "[1,'a']|sort", "ls|unique|list", "['a','A','b']|unique|list",
       "[1,1.0,True,2]|unique|list", "ls|min", "ls|max", "l|min", "el|max", "l|reverse|list", "s|reverse", "d|dictsort", "d|dictsort(true)", "{'b':2,'a':3}|dictsort(by='value')", "d|items|list", "missing|items|list", "l|items|list",
       "people|map(attribute='name')|list", "people|map(attribute='on')|list", "people|map(attribute='on', default='?')|list", "ls|map('upper')|list", "ls|map('replace', 'a', 'x')|list", "ls|map('nofilter')|list", "nothing|map('upper')|list",
       "people|selectattr('on')|map(attribute='name')|list", "people|selectattr('age', 'gt', 30)|list|length", "people|rejectattr('on', 'defined')|list|length", "people|selectattr('name', 'equalto', 'Cy')|list", "l|select('odd')|list", "l|reject('odd')|list",
       "l|select|list", "[0,1]|select|list", "l|select('>', 1)|list", "ls|select('in', ['a'])|list", "people|selectattr('a.b')|list", "s|wordcount", "s|safe", "'<'|e", "'<'|safe + '<'", "'<' + '<'|safe", "'<'|safe ~ '<'", "('<'|safe)|upper + '&'",
       "s|nofilter", "s|attr('upper')", "d|attr('b')", "s|indent", "'a\\nb\\n\\nc'|indent", "'a\\nb'|indent(2, true)", "'a\\n\\nb'|indent(2, blank=true)", "'a\\nb'|indent('> ')", "'a\\nb\\n'|indent(2)"),
    *E("d|tojson", "l|tojson", "s|tojson", "messages[1].content|tojson", "floats|tojson", "big|tojson", "nothing|tojson", "t|tojson", "missing|tojson", "quotes|tojson", "quotes|tojson(ensure_ascii=true)", "d|tojson(indent=2)", "el|tojson(indent=2)",
       "ed|tojson(indent=2)", "d|tojson(sort_keys=true)", "d|tojson(separators=(',', ':'))", "{1: 2, none: 3, true: 4, 1.5: 5}|tojson", "(1, 2)|tojson", "nested|tojson(indent=4)", "'<&>\\''|tojson", "d|tojson(indent='--')", "d|tojson|length"),
    *E("missing is defined", "s is defined", "missing is undefined", "missing is not defined", "nothing is none", "s is none", "n is number", "t is number", "t is boolean", "n is boolean", "t is true", "f is false", "n is true", "s is string", "n is string",
       "l is sequence", "s is sequence", "d is sequence", "n is sequence", "missing is sequence", "l is iterable", "s is iterable", "n is iterable", "missing is iterable", "nothing is iterable", "d is mapping", "l is mapping", "n is integer", "x is integer", "t is integer",
       "x is float", "n is odd", "n is even", "n is divisibleby 3", "n is divisibleby(2)", "n is eq 3", "n is equalto(3)", "n is gt 2", "n is lessthan 2", "n is in l", "n is in([3])", "s is upper", "'AB' is upper", "'ab1' is lower", "n is sameas 3", "nothing is sameas none",
       "t is sameas true", "range is callable", "s is callable", "n is nosuchtest", "n is not odd", "not n is odd", "n is odd and s is string", "'a'|safe is escaped", "s is not none and n", "missing is none", "missing is string", "missing is mapping", "e is defined"),
    *E("s.upper()", "s.split()", "s.split(' ')", "s.split('o')", "s.split('o', 1)", "sp.split()", "sp.split(none, 1)", "s.rsplit('o', 1)", "'a,b,,c'.split(',')", "''.split(',')", "''.split()", "s.split('')", "s.strip('H')", "sp.strip()", "sp.lstrip()", "sp.rstrip()", "s.lstrip('eH')",
       "s.startswith('He')", "s.startswith(('x', 'He'))", "s.endswith('ld')", "s.endswith('')", "s.replace('o', '0')", "s.replace('o', '0', 1)", "s.find('o')", "s.rfind('o')", "s.find('zz')", "u.find('ß')", "s.count('o')", "s.count('')", "'aaa'.count('aa')",
       "','.join(['a', 'b'])", "','.join([1])", "','.join('ab')", "s.title()", "\"it's a-b\".title()", "s.capitalize()", "s.swapcase()", "s.lower()", "'a\\nb\\r\\nc\\n'.splitlines()", "'a\\n'.splitlines(true)", "s.partition(' ')", "s.rpartition('zz')", "'x'.zfill(4)", "'-5'.zfill(4)",
       "'abc'.isalpha()", "'12'.isdigit()", "'½'.isdigit()", "'a1'.isalnum()", "' '.isspace()", "'Ab'.islower()", "s.removeprefix('He')", "s.removesuffix('ld')", "d.get('b')", "d.get('q')", "d.get('q', 5)", "d.items()|list", "d.keys()|list", "d.values()|list",
       "l.index(1)", "l.index(9)", "l.count(3)", "l.append(1)", "d.update({})", "d.pop('b')", "s.nosuch()", "missing()", "n()", "nothing.upper()", "s.__class__", "d.__class__", "s|attr('__class__')", "messages.__len__()", "s.upper(1)", "d.get()"),
    *E("range(3)|list", "range(1, 4)|list", "range(5, 0, -2)|list", "range(0)|list", "range(200000)|length", "range(1, 2, 0)", "dict(a=1, b=2)", "dict({'a': 1}, b=2)", "namespace(a=1).a", "namespace({'a': 1}).a", "namespace(_a=1)", "namespace(a=1).b", "raise_exception('no')",
       "raise_exception(1 ~ 'x')", "'a' if n == 3", "'a' if n == 4", "'a' if n == 4 else 'b'", "'a' if z else 'b' if n else 'c'", "('a' if z) ~ 'x'", "('a' if z).x", "s if missing else l", "[x, n][0]", "s|upper|lower|length", "(s|length) * 2", "s|length * 2", "-l|length", "n|abs + 1",
       "l|map('string')|join('+')", "not s|length > 3", "s is string and s|length", "d.b if d.b is defined else 0", "l[n - 3]", "l[-n:]", "s[z]", "messages|length - 1", "messages[messages|length - 1].role", "\"a\" ~ 'b'|upper", "{'a': [1, {'b': 2}]}.a[1].b", "((1))", "[[]]", "{}.x"),
    # whitespace control
    "a\n{% if t %}\nb\n{% endif %}\nc\n", "a\n  {% if t %}\n  b\n  {% endif %}\n  c\n\n", "a  {%- if t -%}  b  {%- endif -%}  c", "a\n  {{- s -}}\n  b", "  {{ s }}  \n", "{% if t +%}\nx{% endif %}", "a\n   {%+ if t %}x{% endif %}", "  {# c #}\nx", "a {# c #} b", "a\n  {#- c -#}\n  b",
    "a\r\n{% if t %}\r\nb\r{% endif %}\r\nc\r\n", "{% raw %}{{ x }}{% endraw %}", "a {%- raw -%} {% if %} {%- endraw -%} b", "{% raw %}\n x\n{% endraw %}\ny", "x {% if t %} {% endif %}\n y", "\n\n", "\n", "", "x\n\n", "{{ '}}' }}", "{{ {'a': {}} }}", "{{ '%}' }}{% set a = '%}' %}{{ a }}",
    "\t {% set a = 1 %}\t\nx", "x\u2003{%- if t %}y{% endif %}", "{% if t %}\n\n\nx{% endif %}", "{{ s }}\n{% if t %}{% endif %}\n\n{{ s }}", "{%- if t %}\n  a\n{%- endif %}\n", "{{-s-}}", "{%if t%}y{%endif%}", "{{ s -}} \n\n x", "a\n\t{% for i in l %}\n\t{{ i }}\n\t{% endfor %}\nb",
    # statements
    "{% for i in l %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}|{% endfor %}",
    "{% for i in l %}[{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }}]{% endfor %}", "{% for i in l %}{{ loop.previtem is defined }}{% endfor %}", "{% for i in el %}x{% else %}none{% endfor %}", "{% for i in l if i > 1 %}{{ i }}:{{ loop.index }}/{{ loop.length }} {% endfor %}",
    "{% for i in l if i > 5 %}x{% else %}none{% endfor %}", "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}", "{% for k, v in d|dictsort %}{{ k }}{% endfor %}", "{% for c in 'aé😀' %}{{ c }}.{% endfor %}", "{% for i in missing %}x{% endfor %}",
    "{% for i in nothing %}x{% endfor %}", "{% for i in n %}x{% endfor %}", "{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in [[1]] %}{% endfor %}", "{% for (a, b), c in [[[1, 2], 3]] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% set y = 1 %}{% for i in l %}{% set y = y + i %}{{ y }} {% endfor %}{{ y }}", "{% set ns = namespace(y=1) %}{% for i in l %}{% set ns.y = ns.y + i %}{% endfor %}{{ ns.y }}", "{% for i in l %}{% set q = i %}{% endfor %}{{ q }}", "{% if t %}{% set q = 1 %}{% endif %}{{ q }}",
    "{% for i in l %}{{ q }}{% set q = i %}{% endfor %}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a = 1, 2 %}{{ a }}", "{% set s.x = 1 %}", "{% set ns = namespace() %}{% set ns.__x = 1 %}", "{% set x2 %}a{{ n }}{% endset %}{{ x2 }}{{ x2|length }}", "{% set x2 | upper | trim %} ab {% endset %}[{{ x2 }}]",
    "{% set x2 %}{% set inner = 1 %}{% endset %}{{ inner }}", "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}",
    "{% for i in l %}{% for j in l %}{{ loop.index }}{{ loop.depth }}{% endfor %}{{ loop.index }}{{ loop.depth0 }} {% endfor %}", "{% break %}", "{% if n == 1 %}a{% elif n == 3 %}b{% else %}c{% endif %}", "{% if missing %}a{% else %}b{% endif %}", "{% if missing.x %}a{% endif %}", "{% if el %}a{% elif ed %}b{% elif z %}c{% elif e %}d{% endif %}",
    "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(1, c='y') }}|{{ m(a=5) }}", "{% macro m(a) %}{{ a }}{% endmacro %}[{{ m() }}]", "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}", "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(4) }}", "{% macro m() %}{{ s }}{{ q }}{% endmacro %}{% set q = 'late' %}{{ m() }}", "{% set q = 1 %}{% macro m() %}{% set q = 2 %}{{ q }}{% endmacro %}{{ m() }}{{ q }}", "{% macro r(k) %}{{ k }}{% if k > 0 %}{{ r(k - 1) }}{% endif %}{% endmacro %}{{ r(3) }}",
    "{% macro m() %} a {% endmacro %}{{ m()|trim|length }}", "{% macro m() -%}\n a\n{%- endmacro %}[{{ m() }}]", "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ m }}", "{% macro f(a, b) %}{% endmacro %}{{ f(1, a=2) }}", "{{ m(1) }}{% macro m(a) %}{{ a }}{% endmacro %}",
    "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b')|upper %}banana{% endfilter %}", "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "{% with %}{% set a = 1 %}{{ a }}{% endwith %}", "{% with a = n, b = a %}{{ b }}{% endwith %}", "{% generation %}x{{ s }}{% endgeneration %}", "{% for i in l %}{% generation %}{{ i }}{% endgeneration %}{% endfor %}",
    "{% generation %}{% set g = 1 %}{% endgeneration %}{{ g }}", "{% set g = 5 %}{% generation %}{{ g }}{% set g = 6 %}{{ g }}{% endgeneration %}{{ g }}", "a{%- generation -%} b {%- endgeneration -%} c", "{% for i in l %}{% generation %}{{ loop.index }}{% endgeneration %}{% endfor %}",
    # errors
    "{% if %}", "{% if t %}", "{% endif %}", "{{ ", "{{ s", "{% for i l %}{% endfor %}", "{{ 1 + }}", "{{ (1 }}", "{{ [1 }}", "{{ 'a }}", "{# x", "{% foo %}", "{{ s | }}", "{{ a b }}", "{% set %}", "{% raw %}", "{{ 1 if }}", "{{ s. }}", "{{ @ }}", "{{ s[1 }}", "{% for i in l %}{% else %}", "{% macro %}{% endmacro %}",
    "{{ }}", "{% else %}", "{{ s is }}", "{% set true = 1 %}", "{{ f(a=1, 2) }}", "{% macro m(a=1, b) %}{% endmacro %}", "{% if t %}{% endfor %}", "{{ {1 2} }}", "{{ )}}", "{{ $ }}", "{% set a.b.c = 1 %}",
]
for source in CASES:
    row = {"template": source}
    try:
        row["text"] = _compile_jinja_template(source).render(**VARIABLES)
    except Exception as error:
        row["error"] = type(error).__name__ + ": " + str(error)
    if "<generator" in row.get("text", "") or " at 0x" in row.get("text", "") or "<Macro" in row.get("text", ""):
        continue
    print(json.dumps(row, ensure_ascii=False))
print(json.dumps({"variables": VARIABLES}, ensure_ascii=False))
