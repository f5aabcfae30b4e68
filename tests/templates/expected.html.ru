<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Карточка &lt;человека&gt; — Bereg</title><link rel="stylesheet" href="/assets/bereg.css?v=12345678"></head><body>
<nav><ul><li><a href="/persons" aria-current="page">Persons</a></li></ul></nav>
<main><h1 id="p7" data-name="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">"&gt;&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp; Иван / ?#%</h1>
<p>02.03.1985 · <span class="b-hidden">скрыто: HIV &amp; &lt;status&gt;</span> · 15.06.2024 10:00 · мужской</p>
<p title="" data-born="1985-03-02" data-sex="m">
Head &amp; &lt;tail&gt; Saved
</p>
<a href="/persons/%22%3E%3Cscript%3Ealert%28%271%27%29%3C%2Fscript%3E%26amp%3B?name=Head%20%26%20%3Ctail%3E&amp;own=0">1</a>
<a href="/back?a=1&amp;b=&quot;2&quot;">2</a> <a href="/back?a=1&amp;b=&quot;2&quot;">3</a>
<a href="?page=22">4</a> <a href="#7">5</a> <a href="tel:+7900%201">6</a>
<div>first &lt;b&gt;<br>second &amp; "third"</div>
<i>m</i>
<p>"&gt;&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp; родился 02.03.1985</p>
<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp; родился 02.03.1985">22 дела</p>
<table><thead><tr><th class="govuk-table__header" scope="col"><a class="b-sort" href="/persons/1?q=%3C&amp;sort=number">Number</a></th><th class="govuk-table__header govuk-table__header--numeric" scope="col" aria-sort="descending"><a class="b-sort" href="/persons/1?q=%3C&amp;sort=due">"Срок"\</a></th><th scope="col">State</th></tr></thead><tbody><tr><td><a href="/cases/1">D&lt;1&gt;</a></td><td data-label="&quot;Срок&quot;\">15.06.2024</td><td><strong class="tag tag--f" title="D&lt;1&gt;">женский</strong></td></tr><tr><td><a href="/cases/2">D-2</a></td><td data-label="&quot;Срок&quot;\"></td><td><strong class="tag tag--unknown&#39;" title="D-2">unknown'</strong></td></tr></tbody></table>
<nav class="b-pager" aria-label="Pages of the list"><a class="govuk-button govuk-button--secondary b-button--small" rel="next" href="/persons/1?q=%3C&amp;after=to&quot;ken">Next page →</a><a class="govuk-link" href="/persons/1?q=%3C&amp;after=">To the beginning</a></nav><div class="b-export">Save the list: <a class="govuk-link" href="/persons/1?q=%3C&amp;format=xlsx">XLSX</a> <a class="govuk-link" href="/persons/1?q=%3C&amp;format=csv">CSV</a></div>
<select name="body"><option value="1">Body &amp; Co</option><option value="2" selected>скрыто: HIV &amp; &lt;status&gt;</option></select>
<textarea name="t"> first &lt;b&gt;
second &amp; &quot;third&quot;
</textarea>
<pre>a
   b</pre>
<form action="/persons" method="post">
<input type="hidden" name="csrf" value="token"><input type="hidden" name="key" value="KEY"><div class="govuk-error-summary" id="errors"><div role="alert"><h2 class="govuk-error-summary__title">Исправьте 3 ошибки</h2><div class="govuk-error-summary__body"><ul class="govuk-list govuk-error-summary__list"><li><a href="#birth_date">Date of birth: There is no day &lt;31&gt;</a></li><li><a href="#note">Note: Too long</a></li><li><a href="#nowhere">Something &lt;a&gt; is wrong</a></li></ul></div></div></div>
<div class="govuk-form-group"><label class="govuk-label" for="family_name">Surname</label><div class="govuk-hint" id="family_name-hint">As in the passport</div><input class="govuk-input" id="family_name" name="family_name" type="text" value="&lt;Иванов&gt;&quot;" aria-describedby="family_name-hint" aria-required="true" autocomplete="off"></div>
<div class="govuk-form-group govuk-form-group--error"><label class="govuk-label" for="birth_date">Date of birth</label><div class="govuk-hint" id="birth_date-hint">dd.mm.yyyy</div><p class="govuk-error-message" id="birth_date-error"><span class="govuk-visually-hidden">Error:</span> There is no day &lt;31&gt;</p><input class="govuk-input govuk-input--width-10 govuk-input--error" id="birth_date" name="birth_date" type="text" inputmode="numeric" value="31.02.1985" aria-describedby="birth_date-hint birth_date-error" aria-invalid="true" aria-required="true" autocomplete="off"></div>
<div class="govuk-form-group"><fieldset class="govuk-fieldset"><legend class="govuk-fieldset__legend">Sex <span class="b-optional">(optional)</span></legend><div class="govuk-radios govuk-radios--small"><div class="govuk-radios__item"><input class="govuk-radios__input" id="sex" name="sex" type="radio" value="m"><label class="govuk-label govuk-radios__label" for="sex">мужской</label></div><div class="govuk-radios__item"><input class="govuk-radios__input" id="sex-2" name="sex" type="radio" value="f"><label class="govuk-label govuk-radios__label" for="sex-2">женский</label></div><div class="govuk-radios__item"><input class="govuk-radios__input" id="sex-3" name="sex" type="radio" value="x" checked><label class="govuk-label govuk-radios__label" for="sex-3">иной</label></div><div class="govuk-radios__item"><input class="govuk-radios__input" id="sex-4" name="sex" type="radio" value=""><label class="govuk-label govuk-radios__label" for="sex-4">not given</label></div></div></fieldset></div>
<div class="govuk-form-group"><label class="govuk-label" for="body">Body</label><select class="govuk-select" id="body" name="body" aria-required="true"><option value="1">Body &amp; Co</option><option value="2" selected>скрыто: HIV &amp; &lt;status&gt;</option></select></div>
<div class="govuk-form-group govuk-form-group--error"><label class="govuk-label" for="note">Note <span class="b-optional">(optional)</span></label><p class="govuk-error-message" id="note-error"><span class="govuk-visually-hidden">Error:</span> Too long</p><textarea class="govuk-textarea govuk-textarea--error" id="note" name="note" rows="3" aria-describedby="note-error" aria-invalid="true" autocomplete="off">

first
&lt;/textarea&gt;</textarea></div>
<div class="govuk-form-group"><div class="govuk-label">Number of insurance</div><span class="b-hidden">скрыто: HIV &amp; &lt;status&gt;</span></div>
<div class="govuk-form-group"><input type="hidden" name="agreed" value="0"><div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item"><input class="govuk-checkboxes__input" id="agreed" name="agreed" type="checkbox" value="1" checked><label class="govuk-label govuk-checkboxes__label" for="agreed">Agreed</label></div></div></div>
<input type="hidden" name="phone" value="+79001234567">
<div class="govuk-form-group"><label class="govuk-label" for="count">How many <span class="b-optional">(optional)</span></label><input class="govuk-input govuk-input--width-10" id="count" name="count" type="text" inputmode="numeric" value="3" autocomplete="off"></div>
<button>Save</button>
</form>
<svg><g/></svg>
<svg viewBox="0 0 1 1"><text x="22">скрыто: HIV &amp; &lt;status&gt;</text><path d="M0 0"/></svg>

</main>
<p>К. &lt;М&gt;, Clerk &amp; &lt;co&gt;</p>
</body></html>
