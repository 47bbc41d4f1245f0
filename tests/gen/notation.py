#!/usr/bin/env python3
"""Notations of dtypes, and what numpy.dtype() makes of them.

usage: notation.py plain > ../data/notation.inc        NumPy 1.26 on x86-64
       notation.py composed > ../data/composed.inc     NumPy 2 on x86-64

plain: GOOD(text, dtype.str, itemsize) is a plain dtype, BAD(text) none at all.
composed: subarrays and structs, as text or as a Python literal. GOOD(text, repr, descr, itemsize, alignment, offsets),
BAD(text). Some are by hand, the others are put together and damaged by a seeded generator, which tests/live/notation.py
runs too, with other seeds and more of them.

Left out are the texts where npickle differs on purpose: tests/test_dtype_parse.c has them one by one, doc/differences.md lists them.
"""
import ast
import random
import re
import sys
import warnings

import numpy

NUMPY2 = int(numpy.__version__.split('.')[0]) >= 2

LETTERS = '? b B h H i I l L q Q p P e f d g F D G S a U V O M m c'.split()
CODES = [kind + str(size) for kind in 'biufcSaUVOMm' for size in (0, 1, 2, 4, 8, 16, 32)]
UNITS = 'Y M W D h m s ms us ns ps fs as generic B'.split()
NAMES = '''
    datetime64 timedelta64 float64 int float complex bool str bytes object unicode void string_ str_ bytes0
    object0 bool8 int0 longlong ulonglong byte ubyte short ushort intc uintc int_ uint long ulong half single
    double longdouble csingle cdouble clongdouble longfloat clongfloat longcomplex singlecomplex cfloat float_
    complex_ bool_ object_ void0 str0 unicode_ intp uintp uint0 float128 complex256 float16 float32 int8 int16
    int32 int64 uint8 uint16 uint32 uint64 complex64 complex128 <float64 >int =int Float64 string float8
    int128 complex32 timedelta datetime Str longint uint_ str5 type None Datetime64 numpy.float64 Complex64
    Bool >bool |bool int16[ <datetime64[s] datetime64[] datetime64[25us]x
'''.split()
ODD = '''
    = < > | || ||i1 <>i4 i i0 i3 u u16 b2 B1 ?1 c1 c4 O3 M4 i4i4 >f >? >b1 >S5 >U3 >V3 >O |M8[s] |U3 S5x S05
    i04 f08 M08 x y z A E i10 e2 d8 g16 l8 h2 S4] f4] b1b ?b O1 S1e3 t4 S2147483647 V2147483647 U536870911
    M8[] M8us M[us] M8[us M8[-1s] M8[s]x M8[B] M8[2generic] M8[2147483647s] M8[2147483648s] m8[ m8] m8[01s]
    m8[3s]/2 M8[s/2] M8[s/7] M8[s/] M8[s/x] M8[D/24] M8[3s/2] M8[Y/12] M8[Y/4] M8[W/7] M8[M/30] M8[as/2]
    M8[s/1] M8[us/3] M8[\u03bcs] M8[\u00b5s]
'''.split() + ['', 'f4 ', ' f4', '< f4', 'int8 ', 'M8[25 us]', 'M8[ us]', 'M8[us ]', 'M8 [s]', 'i4\n']

COMPOSED = r'''
3f8|i4,f8|(2,3)f4, >i2|(2,)i4|(3,)i4|3i4|2i4,|0i4|()i4|(0,)i4|(2,3)(3)i4|2,3f4|2, 3f4|2,i4|3 f4|3  f4|<3>i4|=3<i4|>3=i4|<3i4|>3i4|>3>i4|=3>i4
|3i4|<()f8|()<f8|>()>f8|(2,)3i4|(2,2)2i4,f4|2 <3i4|03i4|00i4|3|3,|(|()|(2,|(2|)|,|,,|i4,,f4|,i4|i4, ,f4|i4 ,f4|i4	,f4|i4;f4|i4,f4 |i4,f4, |i4,f4,
i4,f4,,|i4 f4|i4, f4 x|i4,x|f4,M8[us]|3M8[2s]|3M8[x]|M8[us],m8[25ns]|M8[1,2],f4|?,3?|3S|3S5|i4,S|3V|3U|i4,U|i4,int8|i4,<int8|i4,>int8|int8,int16|3int8|float64,3float32
i4,M8|i4,(2)f4|(2)f4,i4|(2,3f4|2)f4|(,)i4|(2,,)i4|(2 3)i4|(-1,)i4|-1i4|-1i4,f4|(99999999999,)i4|99999999999i4|(50000,50000)i1|(2147483647,)i1|(2147483648,)i1
(2147483647,)i2|(0,9999999999)i4|(9999999999,0)i4|2i4,2f8,2S3|(2,3)O,i4|O,O|3O|S3,U2|b,B,h|c,c|3c|3 c|3T|u1,u2,u4,u8|f2,f4,f8,f16|1_0i4|1e1i4
[('x','<f4'),('m','<f8',(3,3)), (('title','name'),'i4'), ('', 'i4')]|[]|[ ]|[('x','f4')]|[('x','f4'),]|[('x','f4') ]|[('x',)]|[()]|[('x','f4',2)]|[('x','f4',(2,))]|[('x','f4',())]
[('x','f4',(2,3))]|[('x','f4',[2,3])]|[('x','f4',-1)]|[('x','f4',(-1,))]|[('x','f4','i4')]|[('x','f4','i8')]|[('x','f4',None)]|[('x','f4',2,3)]|[['x','f4']]|['f4','i4']|[1]|['x']
[(1,'f4')]|[(None,'f4')]|[(b'x','f4')]|[('x',b'f4')]|[('x',u'f4')]|[(u'x','f4')]|[('x',None)]|[('x',1)]|[('x',True)]|[('x','')]|[('x','nope')]|[('x','f4'),('x','i4')]|[('x','f4'),('y','x')]
[('','f4'),('','i4')]|[('f1','f4'),('','i4')]|[('','i4'),('f0','i4')]|[('f0','i4'),('','i4')]|[(('t','x'),'f4')]|[(('x','x'),'f4')]|[(('t',''),'f4')]|[(('','x'),'f4')]|[(('',''),'f4')]|[((None,'x'),'f4')]|[((None,''),'f4')]
[(('t','x'),'f4'),('t','i4')]|[(('t','x'),'f4'),(('t','y'),'i4')]|[('t','i4'),(('t','y'),'i4')]|[(('t','x','y'),'f4')]|[(('t',),'f4')]|[(('t',1),'f4')]|[((),'f4')]|[(['t','x'],'f4')]
[('p',[('x','i2'),('y','>i2')]),('q','V3')]|[('p',[('x','i2'),('y','>i2')],(2,))]|[('p',[('x','i2'),('y','>i2')],2)]|[('p',[])]|[('p',[],3)]|[('p','2i4'),('q','i4,f4')]|[('p','2i4',3)]|[('p',('i4',2),(3,4))]
[('a','S'),('b','U'),('c','V')]|[('a','S',3)]|[('a','S',(3,))]|[('a','S0',3)]|[('a','U',3)]|[('a','V',3)]|[('a','O'),('b','S3')]|[('a','O',3)]|[('a','M8[us]'),('b','m8[25s]','(2,)')]|[('a','M8[x]')]
[('\u00e9','i4'),('\ud83d\ude00','f4')]|[('it\'s','i4'),("q\"","f4")]|[('a\nb','i4')]|[('\x41','i4')]|[('a\x00b','i4')]|[("a",'i4')]|[('a', 'i4') , ('b' , 'f4')]|[('a','i4')('b','i4')]|[('a','i4'),,]|[,('a','i4')]|[('a','i4')]]
[[('a','i4')]]|[('a','i4'|('a','i4')]|[('a','i4')}|[('a' 'i4')]|[('a':'i4')]|[('a','i4')] x|[('a','i4')],|[('a','i4',)]|[('a','i4',2,)]|[('', '|V3')]|[('a', '|u1'), ('', '|V3'), ('b', '<i4')]
('i4', (2,2))|('i4',2)|('i4',0)|('i4',())|('i4',(0,))|('i4',(2,))|('i4',[2,2])|('i4',[])|('i4',-1)|('i4',(-1,))|('i4',(2,-1))|('i4',2.5)|('i4',None)|('i4','f4')|('i4','>i4')|('i4','f8')|('i4','nope')|('i4',)|('i4',1,2)|()
('>i4','f4')|('S',5)|('S',0)|('U',5)|('V',5)|('S',(5,))|('S',())|('S0',3)|('V0',3)|('S5',2)|('S5',(2,))|('S','i4')|('U','i4')|('U','i2')|('V','i4')|('V4','i4')|('V4','f8')|('S4','i4')|('i4','S4')|('i4','V4')|('U1','i4')|('M8[us]','i8')|('i8','M8[us]')
('M8[us]',3)|('M8',3)|('O',2)|('O','O')|('O','i8')|('i8','O')|('V8','O')|('V8',[('a','i4'),('b','i4')])|('V',[('a','i4'),('b','i4')])|('V9',[('a','i4'),('b','i4')])|('V8',[('a','O')])|('V8',[])|('V0',[])|('V',[])|('V8','i4,f4')|('V8','2i4')|('i4','2i2')
('V8',{'names':['a'],'formats':['i4'],'itemsize':8})|('V8',{'names':['a','b'],'formats':['i4','i4'],'aligned':True})|('V8',{'a':('i4',4)})|([('x','i8')],[('a','i4'),('b','i4')])|([('x','i4')],3)|([('x','i4')],(2,3))|({'x':('i4',0)},2)|((('i4',2),3),4)|(('i4',2),(3,))
(None,3)|(None,())|(None,None)|('i4',True)|('i4',(True,))|(b'i4',2)|(u'i4',2)|(3,'i4')|((2,),'i4')|('i4',(2,),)|( 'i4' , 2 )|  ('i4',2)|('i4',2) |(('i4',2))|((('i4',2)))|('i4')|(('i4'))|'i4'|"i4"|'3i4'|'i4,f4'|b'i4'|u'i4'|''|'nope'|"i4'|'i4|'i4'x
('i4',(2147483647,))|('i1',(2147483647,))|('i1',(2147483648,))|('i1',(99999999999999999999,))|('i1',(65536,65536))|('i1',(0,9999999999))|('S',2147483647)|('S',2147483648)|('U',536870911)|('U',536870912)
{'names':['a','b'],'formats':['i4','f8']}|{'names':('a','b'),'formats':('i4','f8')}|{'names':['a','b'],'formats':['i4','f8'],'aligned':True}|{'names':['a','b'],'formats':['i4','f8'],'aligned':False}|{'names':['a','b'],'formats':['i4','f8'],'aligned':1}
{'names':['a','b'],'formats':['i4','f8'],'aligned':None}|{'names':['a','b'],'formats':['i4','f8'],'aligned':''}|{'names':['a','b'],'formats':['i4','f8'],'aligned':'no'}|{'names':['a','b'],'formats':['i4','f8'],'aligned':[]}
{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,8]}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[8,0]}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,0]}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,2],'itemsize':16}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[0]}
{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,8,9]}|{'names':['a','b'],'formats':['i4','f8'],'offsets':(0,8)}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,-8]}|{'names':['a','b'],'formats':['i4','f8'],'offsets':['0','8']}|{'names':['a','b'],'formats':['i4','f8'],'offsets':None}|{'names':['a','b'],'formats':['i4','f8'],'offsets':3}
{'names':['a','b'],'formats':['i4','f8'],'offsets':[0,4],'aligned':True}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[8,0],'itemsize':20,'aligned':True}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[8,0],'itemsize':24,'aligned':True}|{'names':['a','b'],'formats':['i4','f8'],'offsets':[8,0],'aligned':True}
{'names':['a','b'],'formats':['i4','f8'],'itemsize':12}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':11}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':100}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':-1}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':'12'}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':None}|{'names':['a','b'],'formats':['i4','f8'],'itemsize':True}
{'names':['a','b'],'formats':['i4','f8'],'titles':['A','B']}|{'names':['a','b'],'formats':['i4','f8'],'titles':['A',None]}|{'names':['a','b'],'formats':['i4','f8'],'titles':[None,None]}|{'names':['a','b'],'formats':['i4','f8'],'titles':['A']}|{'names':['a','b'],'formats':['i4','f8'],'titles':None}|{'names':['a','b'],'formats':['i4','f8'],'titles':['b','a']}
{'names':['a','b'],'formats':['i4','f8'],'titles':['a','b']}|{'names':['a','b'],'formats':['i4','f8'],'titles':['','']}|{'names':['a','b'],'formats':['i4','f8'],'titles':['A','A']}|{'names':['a','b'],'formats':['i4','f8'],'titles':['A',''],'offsets':[8,0],'itemsize':30}|{'names':['a','b'],'formats':['i4','f8'],'titles':('A','B'),'aligned':True}
{'names':['a','a'],'formats':['i4','f8']}|{'names':['',''],'formats':['i4','f8']}|{'names':['','a'],'formats':['i4','f8']}|{'names':['a',1],'formats':['i4','f8']}|{'names':['a',None],'formats':['i4','f8']}|{'names':['a',b'b'],'formats':['i4','f8']}|{'names':['a','b'],'formats':['i4']}|{'names':['a'],'formats':['i4','f8']}|{'names':['a','b'],'formats':[]}
{'names':[],'formats':[]}|{'names':[],'formats':[],'itemsize':5}|{'names':[],'formats':[],'aligned':True}|{'names':['a']}|{'formats':['i4']}|{'names':None,'formats':None}|{'names':['a'],'formats':[None]}|{'names':['a'],'formats':[3]}|{'names':['a'],'formats':['nope']}|{'names':['a'],'formats':['i4'],'extra':1}|{'names':['a'],'formats':['i4'],'metadata':{'k':1}}
{'names':['a'],'formats':['i4,f4']}|{'names':['a'],'formats':['3i4']}|{'names':['a'],'formats':[('i4',2)]}|{'names':['a'],'formats':[[('x','i4')]]}|{'names':['a'],'formats':[{'names':['x'],'formats':['u1']}]}|{'names':['a','b'],'formats':['i4',[('x','u1'),('y','f8')]],'aligned':True}|{'names':['a','b'],'formats':['u1','u1,f8'],'aligned':True}|{'names':['a','b'],'formats':['u1','(2,)f8'],'aligned':True}
{'names':['a','b'],'formats':['O','i8'],'offsets':[0,4]}|{'names':['a','b'],'formats':['O','V0'],'offsets':[0,4]}|{'names':['a','b'],'formats':['O','V0'],'offsets':[0,0]}|{'names':['a','b'],'formats':['O','V0'],'offsets':[0,8]}|{'names':['a','b'],'formats':['O','O'],'offsets':[0,0]}|{'names':['a','b'],'formats':['O','O'],'offsets':[4,20]}|{'names':['a','b'],'formats':['i8','O'],'offsets':[1,0]}|{'names':['a','b'],'formats':['i8','O'],'offsets':[8,0]}
{'names':['a','b'],'formats':['2O','O'],'offsets':[0,8]}|{'names':['a','b'],'formats':['(0,)O','O'],'offsets':[4,0]}|{'names':['a','b'],'formats':['(0,)O','i4'],'offsets':[2,0]}|{'names':['a','b'],'formats':[[('o','O')],'i4'],'offsets':[0,4]}|{'names':['a','b'],'formats':['O','u1'],'offsets':[1,0],'aligned':True}
{}|{'x':('i4',0)}|{'x':('i4',0),'y':('f8',4,'title')}|{'x':('i4',8),'y':('f8',0)}|{'x':('i4',0),'y':('f8',0)}|{'y':('f8',0),'x':('i4',0)}|{'x':('i4',0,'t'),'t':('i4',0,'t')}|{'x':('i4',0,'x')}|{'x':('i4',0,None)}|{'x':('i4',0,'')}|{'x':('i4',-1)}|{'x':('i4',)}|{'x':('i4',0,'t',1)}|{'x':['i4',0]}|{'x':'i4'}|{'x':('nope',0)}|{'x':('i4',None)}
{'x':('i4',0),'y':('i4',0,'x')}|{'x':('O',0),'y':('i4',4)}|{'x':([('a','u1')],3),'y':('2i4',4)}|{1:('i4',0)}|{None:('i4',0)}|{'':('i4',0)}|{'x':(None,0)}|{'x':('i4',2147483643)}|{'names':['a'],'formats':['i4'],'x':('i4',0)}|{'names':('i4',0),'x':('i4',4)}|{'x':{'y':('i4',0)}}|{'x':({'y':('i4',2)},1)}
{'x':('i4',0),}|{'x':('i4',0)},|{'x',('i4',0)}|{'x':}|{:('i4',0)}|{[]:('i4',0)}|{('x',):('i4',0)}|{'x':('i4',0)|{'x' ('i4',0)}|None|True|3.5|1|-1|[(('a','b'),'i4'),(('c','d'),'f4',2)]|[('a',{'x':('i4',0)})]|[('a',('V4',[('b','i4')]))]|[('a',('V4',[('b','i4')]),2)]
'''


def spell(text):
    """The inside of a string in C."""
    escaped = text.replace('\\', '\\\\').replace('"', '\\"')
    return re.sub(r'([^ -~]+)', lambda m: ''.join('\\%03o' % byte for byte in m[1].encode('utf-8', 'surrogatepass')), escaped)


def is_literal(text):
    """Whether npickle takes it for a Python literal, and not for the text of a dtype."""
    return re.match(r'''( *\( *)*( *[\[{'"]|[bu]['"])| *\( *(\( *)*N''', text) is not None


def crashes(text):
    """Whether NumPy divides by zero: by the alignment of an empty struct (NumPy 1), by the divisor of a unit."""
    return '/0' in text or not NUMPY2 and 'aligned' in text and re.search(r'\[\]|\{\}', text) is not None


def judge(text):
    """numpy.dtype() of it, None where that raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            return numpy.dtype(ast.literal_eval(text) if is_literal(text) else text)
    except Exception:
        return None


def describe(dtype):
    """What npk_dtype_descr prints: the list if there is one."""
    try:
        return repr(numpy.lib.format.dtype_to_descr(dtype))
    except ValueError:
        return repr(dtype.str)


def told(dtype):
    """As tests/live/own.py has it."""
    offsets = [dtype.fields[name][1] for name in dtype.names] if dtype.names is not None else []
    return dtype.str, repr(dtype), describe(dtype), dtype.itemsize, max(dtype.alignment, 1), offsets


# --- put together --------------------------------------------------------------------------------------------------------------

PLAIN = '''? i1 u1 <i2 >i2 i4 >u4 u8 <i8 f2 >f4 f8 g c8 >c16 S3 S U2 >U1 U V5 V O M8[us] >m8[25s] M8 int16 float64 bool'''.split()
WORDS = ['a', 'b', 'x', 'y', 'it\'s', 'q"', '\u00e9', 'long name', 'f0', 'f1', '', '\U0001f600', 'tab\t']


def shape(rng):
    return rng.choice([2, 0, 3, (2,), (), (2, 3), (0, 2), (3,), (4, 1, 2)])


def comma(rng):
    items = []
    for _ in range(rng.randint(1, 4)):
        repeat = rng.choice(['', '', '2', '(2,)', '(2, 3)', '()', '3 ', '2,3'])
        items.append(rng.choice(['', '', '<', '>', '=']) + repeat + rng.choice(PLAIN).lstrip('<>'))
    return rng.choice([',', ', ', ' ,']).join(items)


def names(rng, count):
    words = rng.sample([word for word in WORDS if word], min(count, len(WORDS) - 1))
    return words if rng.random() < 0.95 else [rng.choice(WORDS) for _ in words]


def struct_list(rng, depth):
    fields = []
    for word in names(rng, rng.randint(0, 4)):
        name = ('title of ' + word, word) if rng.random() < 0.2 else word if rng.random() < 0.95 else ''
        field = (name, literal(rng, depth - 1))
        fields.append(field + (shape(rng),) if rng.random() < 0.25 else field)
    return fields


def struct_names(rng, depth):
    words = names(rng, rng.randint(0, 4))
    made = {'names': words, 'formats': [literal(rng, depth - 1) for _ in words]}
    if rng.random() < 0.4:
        made['offsets'] = [rng.choice([0, 4, 8, 16, 24, 40, 3]) for _ in words]
    if rng.random() < 0.3:
        made['titles'] = [rng.choice([None, 'title of ' + word]) for word in words]
    if rng.random() < 0.3:
        made['itemsize'] = rng.choice([16, 64, 128, 120, 7])
    if rng.random() < 0.3:
        made['aligned'] = rng.choice([True, True, False])
    return made


def struct_entries(rng, depth):
    return {word: (literal(rng, depth - 1), rng.choice([0, 8, 16, 32])) + (('title of ' + word,) if rng.random() < 0.2 else ())
            for word in names(rng, rng.randint(0, 3))}


def literal(rng, depth):
    """A Python object that numpy.dtype() may take."""
    kind = rng.random()
    if depth <= 0 or kind < 0.4:
        return rng.choice(PLAIN)
    if kind < 0.5:
        return comma(rng)
    if kind < 0.65:
        return literal(rng, depth - 1), shape(rng)
    if kind < 0.68:
        return 'V%d' % rng.choice([4, 8, 12]), literal(rng, depth - 1)
    return rng.choice([struct_list, struct_list, struct_names, struct_entries])(rng, depth)


def damage(rng, text):
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + rng.choice('\'"[](){},:0123456789<>i4fO ') + text[at:]
    if kind == 2:
        return text[:at]
    end = min(len(text), at + rng.randint(1, 6))
    return text[:at] + text[at:end] * 2 + text[end:]


def put_together(rng):
    """A notation, seldom a good one if it is damaged."""
    made = comma(rng) if rng.random() < 0.3 else literal(rng, rng.randint(1, 4))
    text = made if isinstance(made, str) else repr(made)
    return damage(rng, text) if rng.random() < 0.3 and text else text


# --- where npickle differs -----------------------------------------------------------------------------------------------------

def objects(thing):
    """Everything in a literal."""
    todo, seen = [thing], []
    while todo:
        thing = todo.pop()
        seen.append(thing)
        if isinstance(thing, (list, tuple)):
            todo.extend(thing)
        elif isinstance(thing, dict):
            todo.extend(thing)
            todo.extend(thing.values())
    return seen


def parts(dtype):
    todo, seen = [dtype], []
    while todo:
        dtype = todo.pop()
        seen.append(dtype)
        if dtype.names is not None:
            todo.extend(dtype.fields[name][0] for name in dtype.names)
        if dtype.subdtype is not None:
            todo.append(dtype.subdtype[0])
    return seen


def differs(text, dtype):
    """Whether npickle differs from this NumPy on purpose."""
    if re.search(r'''['"]\s+['"]|[^\s,:(\[{]['"]['"][^\s,:)\]}]|[a-zA-Z]\s+\d|[a-zA-Z][-+]\d|#|0[xob]|\d_|\.\d|\d\.|\de[\d+-]|\d[jJ]|\\[0-7N\n]|[rfRFBU]['"]|[bu]{2}['"]|'\'\'|"""|\.\.\.|-\s|\+''', text):
        return True  # literals that repr() does not print
    try:
        made = ast.literal_eval(text) if is_literal(text) else None
    except Exception:
        made = None
    for thing in objects(made):
        if isinstance(thing, dict):
            if any(isinstance(thing.get(key), str) for key in ('names', 'formats')) or -1 in thing:
                return True  # a str for a list; the form of 2005
            if len(thing) != len(set(map(repr, thing))) or any(isinstance(value, set) for value in thing.values()):
                return True
        if isinstance(thing, (set, float, complex)):
            return True
    if text.count("':") + text.count('":') != sum(len(thing) for thing in objects(made) if isinstance(thing, dict)):
        if any(isinstance(thing, dict) for thing in objects(made)):
            return True  # a key twice
    if dtype is None:
        return NUMPY2 and re.search(r'\d[<>=|]?a\d*\b|[,\'"<>]a\d*\b|bool8', text) is not None  # names that NumPy 1 had
    if re.search(r'\(None, *[\'"]', text):
        return True  # a title that is None
    for part in parts(dtype):
        if part.names is not None and part.type is not numpy.void:
            return True  # fields on a number
        if part.itemsize < 0 or part.names is not None and any(
                len(part.fields[name]) > 2 and not isinstance(part.fields[name][2], (str, type(None))) for name in part.names):
            return True  # overflown; a title that is no text
        if part.char == 'U' and part.itemsize % 4 != 0:
            return True  # ('U', 'i2')
        if part.char == 'T' or part.subdtype is not None and part.itemsize != part.base.itemsize * numpy.prod(part.shape):
            return True  # StringDType in a struct; (('i4', (0,)), 3): a subarray of a size that is not its own
    if not NUMPY2:
        return re.search(r'''(^|[^0-9])1 *[a-zA-Z<>=|?]|, *$|, *['"]|, 1\)''', text) is not None  # (type, 1), and a comma at the end
    return False


def plain():
    texts = [order + code for order in ['', '<', '>', '=', '|'] for code in LETTERS + CODES[::3]]
    texts += CODES + NAMES + ODD
    for code, number in [('M8', ''), ('>m8', '25'), ('datetime64', '7')]:
        texts += ['%s[%s%s]' % (code, number, unit) for unit in UNITS]
    for text in dict.fromkeys(texts):
        try:
            dtype = numpy.dtype(text)
        except (TypeError, ValueError):
            print('BAD("%s")' % spell(text))
        else:
            print('GOOD("%s", "%s", %d)' % (spell(text), dtype.str, dtype.itemsize))


def composed():
    rng = random.Random(20)
    texts = [text for line in COMPOSED.strip('\n').split('\n') for text in line.split('|') if '|' not in text]
    texts += [put_together(rng) for _ in range(600)]
    for text in dict.fromkeys(text for text in texts if '\0' not in text and not crashes(text)):
        dtype = judge(text)
        if differs(text, dtype) or not text:
            continue
        if dtype is None:
            print('BAD("%s")' % spell(text))
        elif dtype.names is not None or dtype.subdtype is not None or is_literal(text) or ',' in text:
            _, shown, descr, itemsize, alignment, offsets = told(dtype)
            print('GOOD("%s", "%s", "%s", %d, %d, "%s")' % (spell(text), spell(shown), spell(descr), itemsize, alignment,
                                                           ','.join(map(str, offsets))))


def main():
    warnings.simplefilter('ignore')
    print('/* Made by tests/gen/notation.py with NumPy %s. */' % numpy.__version__)
    {'plain': plain, 'composed': composed}[sys.argv[1]]()


if __name__ == '__main__':
    main()
