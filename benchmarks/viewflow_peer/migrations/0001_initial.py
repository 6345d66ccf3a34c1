"""Tell Django of the proxy; no table changes."""

from django.db import migrations


class Migration(migrations.Migration):
    """The first and only one."""

    initial = True
    dependencies = [("viewflow", "0015_task_scheduled")]
    operations = (
        migrations.CreateModel(name="ApprovalProcess", fields=[], options={"proxy": True}, bases=("viewflow.process",)),
    )
