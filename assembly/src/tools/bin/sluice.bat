@echo off
rem Runs the command line: sluice COMMAND; see --help.
rem JAVA_HOME names the Java to use; SLUICE_TOOLS_OPTS is given to it.
setlocal
for %%I in ("%~dp0..") do set "SLUICE_TOOLS_HOME=%%~fI"
set "SLUICE_JAVA=java"
if not "%JAVA_HOME%"=="" set "SLUICE_JAVA=%JAVA_HOME%\bin\java"
"%SLUICE_JAVA%" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:disable %SLUICE_TOOLS_OPTS% -cp "%SLUICE_TOOLS_HOME%\lib\*" io.sluice.tools.cli.Sluice %*
exit /b %ERRORLEVEL%
