{#- The lessons: where nobody has set up an exchange, the page says how the course goes without one. -#}
{%- extends 'templates/manage_assignments.tpl' -%}

{%- block messages -%}
{{ super() }}
{%- if exchange_missing and not windows -%}
<style>#warning-exchange { display: none; }</style>
<div class="alert alert-info" id="without-exchange">
No exchange is set up here. Give the lessons out with <code>make student</code>, and take them in with
<code>python -m graders collect</code>. How it goes on a hub is in <code>docs/hub.md</code>.
</div>
{%- endif -%}
{%- endblock -%}
