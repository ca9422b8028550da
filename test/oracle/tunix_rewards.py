"""Values of the four reward functions of Tunix's GSM8K example, worked out by Python's own re and float.

python3 test/oracle/tunix_rewards.py > test/fixtures/tunix-rewards.json      (Python 3.11, nothing else)
Rows: completion, gold answer, match_format_exactly, match_format_approximately, check_answer, check_numbers.
"""
import json
import re
import sys
rs,re_,ss,se="<reasoning>","</reasoning>","<answer>","</answer>"
mf=re.compile(rf"^[\s]{{0,}}{rs}.+?{re_}.*?{ss}(.+?){se}[\s]{{0,}}$",flags=re.MULTILINE|re.DOTALL)
mn=re.compile(rf"{ss}.*?([\d\.]{{1,}})",flags=re.MULTILINE|re.DOTALL)
def exact(c): return 3.0 if mf.search(c) else 0
def approx(c): return sum(0.5 if c.count(t)==1 else -0.5 for t in (rs,re_,ss,se))
def ca(c,a):
    m=mf.search(c); g=m.group(1) if m else None
    if g is None: return 0
    if g==a: return 3.0
    if g.strip()==a.strip(): return 1.5
    try:
        r=float(g)/float(a)
        if 0.9<=r<=1.1: return 0.5
        if 0.8<=r<=1.2: return 0.25
        return -1.0
    except Exception: return -0.5
def cn(c,a):
    m=mn.search(c)
    if not m: return 0
    try: return 1.5 if float(m.group(1).strip())==float(a.strip()) else 0
    except Exception: return 0
R=lambda ans,think="a":f"<reasoning>{think}</reasoning><answer>{ans}</answer>"
cases=[]
for gold in ["36","-4","1,000","0","0.5"]:
    for given in ["36"," 36 ","36.0","35","40","43","50","-4","-4.0","4","1000","1,000","1,000.0","0","0.0","-0",".5","0.5","0.55","1/2","abc","","$36","36 km","is 36","1_000","nan","inf","1e3","3.6e1","36.","1.2.3","\n36\n"]:
        cases.append((R(given),gold))
for c in ["","36","<answer>36</answer>","<reasoning></reasoning><answer>36</answer>"," \n<reasoning>a</reasoning>\n<answer>36</answer>\n\n","x<reasoning>a</reasoning><answer>36</answer>","x\n<reasoning>a</reasoning><answer>36</answer>","<reasoning>a</reasoning><answer>36</answer> x","<reasoning>a</reasoning><answer>36</answer>\nx","<reasoning>a</reasoning><answer>36</answer>x</answer>","<reasoning>a</reasoning>b<answer>36</answer>","<reasoning>a<answer>36</answer>","<reasoning>a</reasoning><answer>35</answer><answer>36</answer>","<reasoning>a</reasoning><answer>36","<answer>36</answer><reasoning>a</reasoning>","<reasoning>a</reasoning><reasoning>b</reasoning><answer>36</answer>","<reasoning>a</reasoning></reasoning><answer>36</answer>","<reasoning>a</reasoning><answer>a</answer> b <answer>36</answer>","x <reasoning>a\n<reasoning>b</reasoning><answer>36</answer>","<reasoning>a</reasoning><answer></answer></answer>","<reasoning>\n</reasoning><answer>\n</answer>","\u2003<reasoning>a</reasoning><answer>36</answer>\u00a0","<reasoning>a</reasoning><answer>36</answer>\x1c","<reasoning>a</reasoning><answer>no digits</answer>","<reasoning>1</reasoning><answer>x</answer>2"]:
    cases.append((c,"36"))
rows=[[c,a,exact(c),approx(c),ca(c,a),cn(c,a)] for c,a in cases]
json.dump(rows, sys.stdout, ensure_ascii=True, indent=0)
